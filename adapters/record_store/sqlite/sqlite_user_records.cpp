// SPDX-License-Identifier: MIT
#include "adapters/record_store/sqlite/sqlite_user_records.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::string_view erasure_columns =
    "id, user_id, user_tag, requested_at, updated_at, ended_at, jobs, images, conversions,"
    " notifications, cached_pictures, spending, error";

/// What `read` makes of each row of the statement, with the parameters that `bind` gives it.
template <class Bind, class Read>
auto read_all(sqlite_database& database, const std::string& sql, Bind bind, Read read)
    -> result<std::vector<std::invoke_result_t<Read&, const sqlite_statement&>>> {
  auto statement = database.prepare(sql);
  if (!statement) {
    return std::move(statement).error();
  }
  bind(*statement);
  std::vector<std::invoke_result_t<Read&, const sqlite_statement&>> rows;
  const auto done =
      statement->for_each([&](const sqlite_statement& row) { rows.push_back(read(row)); });
  if (!done) {
    return done.error();
  }
  return rows;
}

/// How many rows the statement has changed.
template <class Bind>
result<std::uint64_t> change_rows(sqlite_database& database, const std::string& sql, Bind bind) {
  auto statement = database.prepare(sql);
  if (!statement) {
    return std::move(statement).error();
  }
  bind(*statement);
  if (const auto done = statement->run(); !done) {
    return done.error();
  }
  return static_cast<std::uint64_t>(database.changes());
}

erasure read_erasure(const sqlite_record_rows& rows, const sqlite_statement& row) {
  const auto number = [&row](int column) { return static_cast<std::uint64_t>(row.int64(column)); };
  const std::string id{row.text(0)};
  erasure read;
  read.id = parse_uuid(id).value_or(uuid{});
  read.user_id = rows.user_in_row(row.text(1));
  read.user_tag = row.text(2);
  read.requested_at = row.time(3);
  read.updated_at = row.time(4);
  read.ended_at = row.time(5);
  read.erased = {number(6), number(7), number(8), number(9), number(10), number(11)};
  read.error = rows.shown(id, row.text(12));
  return read;
}

}  // namespace

/// An image whose row was changed is found all the same, so that it can be removed.
result<std::vector<image_record>> sqlite_user_records::find_images(
    std::string_view where, const std::function<void(sqlite_statement&)>& bind
) {
  const std::string columns{sqlite_image_columns};
  return read_all(
      database_, "SELECT" + columns + " FROM images WHERE " + std::string{where}, bind,
      [this](const sqlite_statement& row) {
        auto image = rows_.read_image(row);
        return image ? *std::move(image) : rows_.outline_of_image(row);
      }
  );
}

result<std::vector<image_record>> sqlite_user_records::images_of(
    const std::string& user_id, const std::string& after, std::uint32_t limit
) {
  return find_images("user_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3", [&](sqlite_statement& to) {
    to.bind(1, rows_.user(user_id)).bind(2, after).bind(3, limit);
  });
}

result<std::vector<conversion_update>> sqlite_user_records::conversions_of(
    const std::string& user_id, const std::string& after, std::uint32_t limit
) {
  const auto bind = [&](sqlite_statement& to) {
    to.bind(1, rows_.user(user_id)).bind(2, rows_.conversion(after)).bind(3, limit);
  };
  const std::string columns{sqlite_conversion_columns};
  auto rows = read_all(
      database_,
      "SELECT" + columns + " FROM conversions WHERE user_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
      bind, [this](const sqlite_statement& row) { return rows_.read_conversion(row); }
  );
  if (!rows) {
    return std::move(rows).error();
  }
  std::vector<conversion_update> conversions;
  for (auto& each : *rows) {
    if (!each) {
      return std::move(each).error();
    }
    conversions.push_back(std::move(each->last));
  }
  return conversions;
}

result<std::uint64_t> sqlite_user_records::erase_conversions_of(
    const std::string& user_id, std::uint32_t limit
) {
  return change_rows(
      database_,
      "DELETE FROM conversions WHERE id IN"
      " (SELECT id FROM conversions WHERE user_id = ?1 LIMIT ?2)",
      [&](sqlite_statement& to) { to.bind(1, rows_.user(user_id)).bind(2, limit); }
  );
}

result<std::uint64_t> sqlite_user_records::erase_spending_of(const std::string& user_id) {
  return change_rows(
      database_, "DELETE FROM spending WHERE user_id = ?1",
      [&](sqlite_statement& to) { to.bind(1, rows_.user(user_id)); }
  );
}

result<std::vector<image_record>> sqlite_user_records::images_before(
    const std::string& type, timestamp before, std::uint32_t limit
) {
  return find_images(
      "type = ?1 AND created_at < ?2 ORDER BY created_at LIMIT ?3",
      [&](sqlite_statement& to) { to.bind(1, type).bind(2, before).bind(3, limit); }
  );
}

result<std::uint64_t> sqlite_user_records::erase_conversions_before(
    timestamp before, std::uint32_t limit
) {
  return change_rows(
      database_,
      "DELETE FROM conversions WHERE id IN (SELECT id FROM conversions"
      " WHERE completed_at IS NOT NULL AND completed_at < ?1 LIMIT ?2)",
      [&](sqlite_statement& to) { to.bind(1, before).bind(2, limit); }
  );
}

void_result sqlite_user_records::save_erasure(const erasure& changed) {
  const auto& erased = changed.erased;
  auto saved = change_rows(
      database_,
      "INSERT OR REPLACE INTO erasures (" + std::string{erasure_columns}
          + ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
      [&](sqlite_statement& to) {
        const std::string id = to_string(changed.id);
        to.bind(1, id).bind(2, rows_.user(changed.user_id)).bind(3, changed.user_tag);
        to.bind(4, changed.requested_at).bind(5, changed.updated_at).bind(6, changed.ended_at);
        to.bind(7, erased.jobs).bind(8, erased.images).bind(9, erased.conversions);
        to.bind(10, erased.notifications).bind(11, erased.cached_pictures);
        to.bind(12, erased.spending).bind(13, rows_.hidden(id, changed.error));
      }
  );
  return saved ? ok() : void_result{std::move(saved).error()};
}

result<std::vector<erasure>> sqlite_user_records::find_erasures(
    std::string_view where, const std::function<void(sqlite_statement&)>& bind
) {
  return read_all(
      database_,
      "SELECT " + std::string{erasure_columns} + " FROM erasures WHERE " + std::string{where}, bind,
      [this](const sqlite_statement& row) { return read_erasure(rows_, row); }
  );
}

result<erasure> sqlite_user_records::find_erasure(const uuid& id) {
  auto found = find_erasures("id = ?1", [&](sqlite_statement& to) { to.bind(1, to_string(id)); });
  if (!found) {
    return std::move(found).error();
  }
  return found->empty() ? result<erasure>{failure{error_class::not_found, "no such erasure"}}
                        : found->front();
}

result<std::vector<erasure>> sqlite_user_records::open_erasures() {
  auto open = find_erasures("ended_at = 0 ORDER BY requested_at", [](sqlite_statement&) {});
  if (open) {
    // Whose they are was changed from outside: they must not end as if they had erased something.
    std::erase_if(*open, [](const erasure& each) {
      return each.user_id == sqlite_record_rows::nobody;
    });
  }
  return open;
}

result<std::vector<erasure>> sqlite_user_records::all_erasures() {
  return find_erasures("true", [](sqlite_statement&) {});
}

}  // namespace stayler::adapters
