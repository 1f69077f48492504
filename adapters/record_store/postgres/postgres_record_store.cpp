// SPDX-License-Identifier: MIT
#include "adapters/record_store/postgres/postgres_record_store.hpp"

#include "adapters/log/log.hpp"
#include "adapters/postgres/postgres_database.hpp"
#include "adapters/record_store/postgres/postgres_conversions.hpp"
#include "adapters/record_store/postgres/postgres_images.hpp"
#include "adapters/record_store/postgres/postgres_owners.hpp"
#include "adapters/record_store/postgres/postgres_record_rows.hpp"
#include "adapters/record_store/postgres/postgres_record_schema.hpp"
#include "adapters/record_store/postgres/postgres_row_probe.hpp"
#include "adapters/record_store/postgres/postgres_user_records.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

using logs::service::log;

const std::string postgres_add_spending_sql =
    "INSERT INTO stayler_spending AS s (day, user_id, calls, prompt_tokens, text_tokens,"
    " image_tokens, micro_dollars) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (day, user_id) DO UPDATE SET calls = s.calls + excluded.calls,"
    " prompt_tokens = s.prompt_tokens + excluded.prompt_tokens,"
    " text_tokens = s.text_tokens + excluded.text_tokens,"
    " image_tokens = s.image_tokens + excluded.image_tokens,"
    " micro_dollars = s.micro_dollars + excluded.micro_dollars";

const std::string postgres_select_spending_sql =
    "SELECT user_id, calls, prompt_tokens, text_tokens, image_tokens, micro_dollars"
    " FROM stayler_spending WHERE day = $1";

const std::string postgres_keep_limit_sql =
    "INSERT INTO stayler_found_limits (name, value, is_ceiling, found_at)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET value = excluded.value,"
    " is_ceiling = excluded.is_ceiling, found_at = excluded.found_at";

const std::string postgres_select_limits_sql = "SELECT name, value, is_ceiling::int, "
                                               + millis_of("found_at")
                                               + " FROM stayler_found_limits ORDER BY name";

const std::string probe_sql =
    "INSERT INTO stayler_record_probe AS p (id, writes) VALUES (1, 1)"
    " ON CONFLICT (id) DO UPDATE SET writes = p.writes + 1 RETURNING writes";

class postgres_record_store final : public record_store {
 public:
  explicit postgres_record_store(const postgres_options& server) : database_(server) {}

  void_result connect() { return database_.connect(); }

  void_result record(const conversion_update& update) override {
    return std::move(record_together(database_, {&update, 1}).front());
  }

  std::vector<void_result> record_all(std::span<const conversion_update> updates) override {
    return record_together(database_, updates);
  }

  result<ownership_report> find_owners(const ownership_query& asked) override {
    return find_owners_in(database_, asked);
  }

  result<conversion_record> find_conversion(const std::string& conversion_id) override {
    return find_conversion_in(database_, conversion_id);
  }

  void_result put_image(const image_record& image) override {
    return put_image_in(database_, image);
  }

  result<image_record> find_image(const std::string& id) override {
    return find_image_in(database_, id);
  }

  result<image_record> remove_image(const std::string& id) override {
    return remove_image_in(database_, id);
  }

  void_result add_spending(const user_spending& entry) override {
    const spending& amount = entry.amount;
    return without_rows(database_.query(
        postgres_add_spending_sql,
        {entry.day, entry.user_id, to_postgres(amount.calls), to_postgres(amount.prompt_tokens),
         to_postgres(amount.text_tokens), to_postgres(amount.image_tokens),
         to_postgres(amount.cost)}
    ));
  }

  result<std::vector<user_spending>> spending_of(const std::string& day) override {
    const auto rows = database_.query(postgres_select_spending_sql, {day});
    if (!rows) {
      return rows.error();
    }
    std::vector<user_spending> entries;
    for (std::size_t row = 0; row < rows->size(); ++row) {
      const auto number = [&rows, row](int column) {
        return static_cast<std::uint64_t>(rows->number(row, column));
      };
      entries.push_back(
          {day, rows->text(row, 0), {number(1), number(2), number(3), number(4), number(5)}}
      );
    }
    return entries;
  }

  void_result keep_limit(const found_limit& limit) override {
    return without_rows(database_.query(
        postgres_keep_limit_sql, {limit.name, to_postgres(limit.value),
                                  limit.is_ceiling ? "true" : "false", to_postgres(limit.found_at)}
    ));
  }

  result<std::vector<found_limit>> limits() override {
    const auto rows = database_.query(postgres_select_limits_sql);
    if (!rows) {
      return rows.error();
    }
    std::vector<found_limit> limits;
    for (std::size_t row = 0; row < rows->size(); ++row) {
      limits.push_back(
          {rows->text(row, 0), static_cast<std::uint32_t>(rows->number(row, 1)),
           rows->number(row, 2) != 0, rows->time(row, 3)}
      );
    }
    return limits;
  }

  result<std::vector<image_record>> images_of(
      const std::string& user_id, const std::string& after, std::uint32_t limit
  ) override {
    return images_of_in(database_, user_id, after, limit);
  }

  result<std::vector<conversion_update>> conversions_of(
      const std::string& user_id, const std::string& after, std::uint32_t limit
  ) override {
    return conversions_of_in(database_, user_id, after, limit);
  }

  result<std::uint64_t> erase_conversions_of(const std::string& user_id, std::uint32_t limit)
      override {
    return clear_conversions_of_in(database_, user_id, limit);
  }

  result<std::uint64_t> erase_spending_of(const std::string& user_id) override {
    return erase_spending_of_in(database_, user_id);
  }

  result<std::vector<image_record>> images_before(
      const std::string& type, timestamp before, std::uint32_t limit
  ) override {
    return images_before_in(database_, type, before, limit);
  }

  result<std::uint64_t> erase_conversions_before(timestamp /*before*/, std::uint32_t /*limit*/)
      override {
    return std::uint64_t{0};
  }

  void_result save_erasure(const erasure& changed) override {
    return save_erasure_in(database_, changed);
  }

  result<erasure> find_erasure(const uuid& id) override { return find_erasure_in(database_, id); }

  result<std::vector<erasure>> open_erasures() override { return open_erasures_in(database_); }

  void_result probe() override { return without_rows(database_.query(probe_sql)); }

 private:
  postgres_database database_;
};

}  // namespace

result<std::unique_ptr<record_store>> open_postgres_record_store(const postgres_options& server) {
  auto migrated =
      migrate_postgres(server, {"records", record_schema_steps}, record_tables, application_tables);
  if (!migrated) {
    return std::move(migrated).error();
  }
  const auto notes = probe_rows(server);
  if (!notes) {
    return notes.error();
  }
  for (const std::string& note : *notes) {
    log.warning("the database will not take all records", {{"reason", note}});
  }
  auto store = std::make_unique<postgres_record_store>(server);
  if (auto connected = store->connect(); !connected) {
    return std::move(connected).error();
  }
  return std::unique_ptr<record_store>{std::move(store)};
}

}  // namespace stayler::adapters
