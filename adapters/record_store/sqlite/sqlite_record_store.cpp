// SPDX-License-Identifier: MIT
#include "adapters/record_store/sqlite/sqlite_record_store.hpp"

#include "adapters/record_store/conversion_rule.hpp"
#include "adapters/record_store/sqlite/sqlite_record_rows.hpp"
#include "adapters/record_store/sqlite/sqlite_record_schema.hpp"
#include "adapters/record_store/sqlite/sqlite_record_statements.hpp"
#include "adapters/record_store/sqlite/sqlite_user_records.hpp"
#include "adapters/sqlite/sqlite_database.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace stayler::adapters {

namespace {

/// Others hold the file's lock for the time of a flush. Calls wait in a row for one that waits
/// longer, and health reports give up after two seconds without having heard why.
constexpr milliseconds busy_timeout{1'000};

/// The only row that a statement gives; not_found where it gives none.
template <class Record>
result<Record> only_row(
    result<std::optional<result<Record>>> found, std::string_view what, const std::string& id
) {
  if (!found) {
    return std::move(found).error();
  }
  if (!*found) {
    return failure{error_class::not_found, "no " + std::string{what} + " " + id};
  }
  return **std::move(found);
}

/// What `read` makes of each id's row; nothing where there is none.
template <class Read>
auto find_each(sqlite_statement& statement, const std::vector<std::string>& ids, Read read)
    -> result<std::vector<std::optional<std::invoke_result_t<Read&, const sqlite_statement&>>>> {
  std::vector<std::optional<std::invoke_result_t<Read&, const sqlite_statement&>>> found;
  for (const std::string& id : ids) {
    auto one = statement.bind(1, id).first(read);
    if (!one) {
      return std::move(one).error();
    }
    found.push_back(*std::move(one));
  }
  return found;
}

class sqlite_record_store final : public record_store {
 public:
  sqlite_record_store(
      sqlite_database database, sqlite_record_statements prepared, sqlite_record_rows rows
  )
      : database_(std::move(database)), statements_(std::move(prepared)), rows_(std::move(rows)) {}

  void_result record(const conversion_update& update) override {
    return std::move(record_all({&update, 1}).front());
  }

  std::vector<void_result> record_all(std::span<const conversion_update> updates) override {
    const std::scoped_lock lock{mutex_};
    auto transaction = database_.begin();
    if (!transaction) {
      return {updates.size(), transaction.error()};
    }
    std::vector<void_result> written;
    for (const conversion_update& update : updates) {
      written.push_back(record_one(update));
      const auto& latest = written.back();
      if (!latest && latest.error().kind != error_class::conflict) {
        return {updates.size(), latest.error()};
      }
    }
    if (auto committed = transaction->commit(); !committed) {
      return {updates.size(), committed.error()};
    }
    return written;
  }

  result<ownership_report> find_owners(const ownership_query& asked) override {
    const std::scoped_lock lock{mutex_};
    const auto transaction = database_.begin_reading();
    if (!transaction) {
      return transaction.error();
    }
    auto images = find_each(statements_.select_image_owner, asked.images, [this](const auto& row) {
      return image_owner{rows_.user_in_row(row.text(0)), std::string{row.text(1)}};
    });
    if (!images) {
      return std::move(images).error();
    }
    std::vector<std::string> names;
    for (const std::string& id : asked.conversions) {
      names.push_back(rows_.conversion(id));
    }
    auto conversions =
        find_each(statements_.select_conversion_owner, names, [this](const auto& row) {
          return rows_.user_in_row(row.text(0));
        });
    if (!conversions) {
      return std::move(conversions).error();
    }
    return ownership_report{*std::move(images), *std::move(conversions)};
  }

  result<conversion_record> find_conversion(const std::string& conversion_id) override {
    const std::scoped_lock lock{mutex_};
    return only_row(select_conversion(conversion_id), "conversion", conversion_id);
  }

  void_result put_image(const image_record& image) override {
    const std::scoped_lock lock{mutex_};
    rows_.bind_image(statements_.write_image, image);
    return statements_.write_image.run();
  }

  result<image_record> find_image(const std::string& id) override {
    const std::scoped_lock lock{mutex_};
    const auto read = [this](const sqlite_statement& row) { return rows_.read_image(row); };
    return only_row(statements_.select_image.bind(1, id).first(read), "image", id);
  }

  result<image_record> remove_image(const std::string& id) override {
    const std::scoped_lock lock{mutex_};
    const auto read = [this](const sqlite_statement& row) {
      auto image = rows_.read_image(row);
      return image ? std::move(image) : result<image_record>{rows_.outline_of_image(row)};
    };
    return only_row(statements_.delete_image.bind(1, id).first(read), "image", id);
  }

  void_result add_spending(const user_spending& entry) override {
    const std::scoped_lock lock{mutex_};
    return statements_.add_spending.bind(1, entry.day)
        .bind(2, rows_.user(entry.user_id))
        .bind(3, entry.amount.calls)
        .bind(4, entry.amount.prompt_tokens)
        .bind(5, entry.amount.text_tokens)
        .bind(6, entry.amount.image_tokens)
        .bind(7, entry.amount.cost)
        .run();
  }

  result<std::vector<user_spending>> spending_of(const std::string& day) override {
    const std::scoped_lock lock{mutex_};
    std::vector<user_spending> entries;
    const auto read = [&](const sqlite_statement& row) {
      const auto number = [&row](int column) {
        return static_cast<std::uint64_t>(row.int64(column));
      };
      entries.push_back(
          {day,
           rows_.user_in_row(row.text(0)),
           {number(1), number(2), number(3), number(4), number(5)}}
      );
    };
    if (auto done = statements_.select_spending.bind(1, day).for_each(read); !done) {
      return std::move(done).error();
    }
    return entries;
  }

  void_result keep_limit(const found_limit& limit) override {
    const std::scoped_lock lock{mutex_};
    return statements_.keep_limit.bind(1, limit.name)
        .bind(2, limit.value)
        .bind(3, std::uint32_t{limit.is_ceiling ? 1U : 0U})
        .bind(4, limit.found_at)
        .run();
  }

  result<std::vector<found_limit>> limits() override {
    const std::scoped_lock lock{mutex_};
    std::vector<found_limit> limits;
    const auto read = [&](const sqlite_statement& row) {
      limits.push_back(
          {std::string{row.text(0)}, static_cast<std::uint32_t>(row.int64(1)), row.int64(2) != 0,
           row.time(3)}
      );
    };
    if (auto done = statements_.select_limits.for_each(read); !done) {
      return std::move(done).error();
    }
    return limits;
  }

  result<std::vector<image_record>> images_of(
      const std::string& user_id, const std::string& after, std::uint32_t limit
  ) override {
    const std::scoped_lock lock{mutex_};
    return of_users().images_of(user_id, after, limit);
  }

  result<std::vector<conversion_update>> conversions_of(
      const std::string& user_id, const std::string& after, std::uint32_t limit
  ) override {
    const std::scoped_lock lock{mutex_};
    return of_users().conversions_of(user_id, after, limit);
  }

  result<std::uint64_t> erase_conversions_of(const std::string& user_id, std::uint32_t limit)
      override {
    const std::scoped_lock lock{mutex_};
    return of_users().erase_conversions_of(user_id, limit);
  }

  result<std::uint64_t> erase_spending_of(const std::string& user_id) override {
    const std::scoped_lock lock{mutex_};
    return of_users().erase_spending_of(user_id);
  }

  result<std::vector<image_record>> images_before(
      const std::string& type, timestamp before, std::uint32_t limit
  ) override {
    const std::scoped_lock lock{mutex_};
    return of_users().images_before(type, before, limit);
  }

  result<std::uint64_t> erase_conversions_before(timestamp before, std::uint32_t limit) override {
    const std::scoped_lock lock{mutex_};
    return of_users().erase_conversions_before(before, limit);
  }

  void_result save_erasure(const erasure& changed) override {
    const std::scoped_lock lock{mutex_};
    return of_users().save_erasure(changed);
  }

  result<erasure> find_erasure(const uuid& id) override {
    const std::scoped_lock lock{mutex_};
    return of_users().find_erasure(id);
  }

  result<std::vector<erasure>> open_erasures() override {
    const std::scoped_lock lock{mutex_};
    return of_users().open_erasures();
  }

  void_result probe() override {
    const std::scoped_lock lock{mutex_};
    if (auto written = statements_.write_probe.run(); !written) {
      return written;
    }
    const auto writes =
        statements_.read_probe.first([](const sqlite_statement& row) { return row.int64(0); });
    if (!writes) {
      return writes.error();
    }
    return ok();
  }

 private:
  sqlite_user_records of_users() { return {database_, rows_}; }

  /// In the transaction that is open.
  void_result record_one(const conversion_update& update) {
    const auto found = select_conversion(update.conversion_id);
    if (!found) {
      return found.error();
    }
    conversion_record changed{update, update.at, update.at, {}};
    if (*found) {
      const auto& recorded = **found;
      if (!recorded) {
        return recorded.error();
      }
      const conversion_update& last = recorded->last;
      const bool is_of_another = last.user_id != update.user_id;
      const auto action = decide(
          {last.attempt, last.status, last.result_image_id, last.error_message, is_of_another},
          update
      );
      if (!action) {
        return action.error();
      }
      if (*action == record_action::skip) {
        return ok();
      }
      if (last.attempt.job == update.attempt.job) {
        changed.last.attempt.token = std::max(update.attempt.token, last.attempt.token);
      }
      changed.created_at = recorded->created_at;
    }
    if (is_final(update.status)) {
      changed.completed_at = update.at;
    }
    rows_.bind_conversion(statements_.write_conversion, changed);
    return statements_.write_conversion.run();
  }

  /// Nothing where there is none; the failure inside is the row's own.
  result<std::optional<result<conversion_record>>> select_conversion(const std::string& id) {
    return statements_.select_conversion.bind(1, rows_.conversion(id))
        .first([this](const sqlite_statement& row) { return rows_.read_conversion(row); });
  }

  std::mutex mutex_;
  sqlite_database database_;
  sqlite_record_statements statements_;
  sqlite_record_rows rows_;
};

}  // namespace

result<std::unique_ptr<record_store>> open_sqlite_record_store(
    const std::filesystem::path& file, const encryption_keys& keys
) {
  auto database = sqlite_database::open(file, busy_timeout);
  if (!database) {
    return std::move(database).error();
  }
  if (auto migrated = database->migrate({sqlite_records_schema, sqlite_record_schema_steps});
      !migrated) {
    return std::move(migrated).error();
  }
  auto rows = open_sqlite_record_rows(*database, keys);
  if (!rows) {
    return std::move(rows).error();
  }
  auto prepared = prepare_record_statements(*database);
  if (!prepared) {
    return std::move(prepared).error();
  }
  std::unique_ptr<record_store> store = std::make_unique<sqlite_record_store>(
      std::move(*database), std::move(*prepared), std::move(*rows)
  );
  return store;
}

}  // namespace stayler::adapters
