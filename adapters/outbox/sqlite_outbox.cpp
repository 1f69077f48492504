// SPDX-License-Identifier: MIT
#include "adapters/outbox/sqlite_outbox.hpp"

#include "adapters/outbox/outbox_rows.hpp"
#include "adapters/sqlite/sqlite_database.hpp"

#include <array>
#include <mutex>
#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

// The body is the notification's bytes (byte_codec.hpp), encrypted where there are keys
// (outbox_rows.hpp); nothing searches in it. Times are Unix
// milliseconds; due_at of an entry that has ended is when it ended.
constexpr std::array<std::string_view, 2> sqlite_schema_steps{
    R"sql(
  CREATE TABLE outbox (
    event_id TEXT PRIMARY KEY,
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'delivered', 'given_up'))
  );
  CREATE INDEX outbox_open ON outbox (created_at) WHERE state = 'open';
  CREATE INDEX outbox_ended ON outbox (due_at) WHERE state <> 'open';
)sql",
    // Each event id begins with its job's.
    R"sql(
  ALTER TABLE outbox ADD COLUMN job TEXT NOT NULL DEFAULT '';
  ALTER TABLE outbox ADD COLUMN event TEXT NOT NULL DEFAULT '';
  ALTER TABLE outbox ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE outbox ADD COLUMN problem TEXT NOT NULL DEFAULT 'none';
  ALTER TABLE outbox ADD COLUMN error TEXT NOT NULL DEFAULT '';
  UPDATE outbox SET job = substr(event_id, 1, 36), opened_at = created_at;
  CREATE INDEX outbox_by_age ON outbox (created_at, event_id);
  CREATE INDEX outbox_given_up ON outbox (due_at) WHERE state = 'given_up';
)sql"};

constexpr std::string_view sqlite_insert_sql =
    "INSERT INTO outbox (event_id, body, created_at, due_at, tries, state, job, event, opened_at,"
    " problem, error) VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, ?7, ?8, ?9, ?10)"
    " ON CONFLICT (event_id) DO NOTHING";

constexpr std::string_view sqlite_update_sql =
    "UPDATE outbox SET state = ?2, due_at = ?3, tries = ?4, problem = ?5, error = ?6"
    " WHERE event_id = ?1 AND state = 'open'";

constexpr std::string_view sqlite_open_sql =
    "SELECT body, created_at, due_at, tries, opened_at, problem, error, state, event_id FROM outbox"
    " WHERE state = 'open' ORDER BY created_at";

constexpr std::string_view sqlite_list_sql =
    "SELECT body, created_at, due_at, tries, opened_at, problem, error, state, event_id FROM outbox"
    " WHERE (?1 = '' OR instr(?1, state) > 0) AND (?2 = '' OR job = ?2) AND (?3 = '' OR event = ?3)"
    " AND (?4 = '' OR event_id = ?4) AND (created_at, event_id) < (?5, ?6)"
    " ORDER BY created_at DESC, event_id DESC LIMIT ?7";

constexpr std::string_view sqlite_reopen_sql =
    "UPDATE outbox SET state = 'open', due_at = ?1, opened_at = ?1, tries = 0"
    " WHERE rowid IN (SELECT rowid FROM outbox WHERE state <> 'open'"
    " AND (?2 = '' OR instr(?2, state) > 0) AND (?3 = '' OR job = ?3) AND (?4 = '' OR event = ?4)"
    " AND (?5 = '' OR event_id = ?5) ORDER BY created_at, event_id LIMIT ?6)"
    " RETURNING body, created_at, due_at, tries, opened_at, problem, error, state, event_id";

constexpr std::string_view sqlite_purge_sql =
    "DELETE FROM outbox WHERE rowid IN"
    " (SELECT rowid FROM outbox WHERE state = ?1 AND state <> 'open' AND due_at < ?2 LIMIT 10000)";

constexpr std::string_view sqlite_surplus_sql =
    "DELETE FROM outbox WHERE rowid IN (SELECT rowid FROM outbox WHERE state = 'given_up'"
    " ORDER BY due_at DESC LIMIT 10000 OFFSET ?1)";

/// Who waits for a notification to be taken over waits for the file's lock at most this long.
constexpr milliseconds busy_timeout{1'000};

constexpr std::string_view sqlite_remove_sql = "DELETE FROM outbox WHERE event_id = ?1";

struct statements {
  sqlite_statement insert;
  sqlite_statement update;
  sqlite_statement open;
  sqlite_statement list;
  sqlite_statement reopen;
  sqlite_statement purge;
  sqlite_statement surplus;
  sqlite_statement remove;
};

result<statements> prepare_all(sqlite_database& database) {
  std::vector<sqlite_statement> ready;
  for (const std::string_view text :
       {sqlite_insert_sql, sqlite_update_sql, sqlite_open_sql, sqlite_list_sql, sqlite_reopen_sql,
        sqlite_purge_sql, sqlite_surplus_sql, sqlite_remove_sql}) {
    auto statement = database.prepare(text);
    if (!statement) {
      return std::move(statement).error();
    }
    ready.push_back(std::move(*statement));
  }
  return statements{std::move(ready[0]), std::move(ready[1]), std::move(ready[2]),
                    std::move(ready[3]), std::move(ready[4]), std::move(ready[5]),
                    std::move(ready[6]), std::move(ready[7])};
}

/// The states as one text, in which each can be found: none is part of another.
std::string listed_states(const std::vector<outbox_state>& states) {
  std::string all;
  for (const outbox_state state : states) {
    all.append(to_string(state)).append(" ");
  }
  return all;
}

/// The entry of a row, if its body can be read.
std::optional<outbox_entry> read_row(const outbox_rows& rows, const sqlite_statement& row) {
  const auto bytes = row.blob(0);
  const std::string_view id = row.text(8);
  auto event = rows.read_body(id, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!event) {
    return std::nullopt;
  }
  return outbox_entry{
      *std::move(event),
      row.time(1),
      row.time(2),
      static_cast<std::uint32_t>(row.int64(3)),
      row.time(4),
      parse_delivery_problem(row.text(5)),
      rows.read_error(id, row.text(6))};
}

/// The bodies and errors of all entries, encrypted.
void_result encrypt_entries(sqlite_database& database, const row_cipher& cipher) {
  const outbox_rows encrypted{cipher};
  auto find = database.prepare("SELECT event_id, body, error FROM outbox");
  auto write = database.prepare("UPDATE outbox SET body = ?2, error = ?3 WHERE event_id = ?1");
  if (!find || !write) {
    return find ? std::move(write).error() : std::move(find).error();
  }
  struct entry {
    std::string id;
    std::string body;
    std::string error;
  };
  std::vector<entry> entries;
  auto done = find->for_each([&](const sqlite_statement& row) {
    const auto body = row.blob(1);
    std::string id{row.text(0)};
    std::string error = encrypted.hidden_error(id, std::string{row.text(2)});
    std::string hidden = cipher.encrypt(
        place_of_notification(id), {reinterpret_cast<const char*>(body.data()), body.size()}
    );
    entries.push_back({std::move(id), std::move(hidden), std::move(error)});
  });
  if (!done) {
    return done;
  }
  for (const entry& each : entries) {
    write->bind(1, each.id).bind_blob(2, std::as_bytes(std::span{each.body})).bind(3, each.error);
    if (auto written = write->run(); !written) {
      return written;
    }
  }
  return ok();
}

class sqlite_outbox final : public outbox {
 public:
  sqlite_outbox(sqlite_database database, statements prepared, outbox_rows rows)
      : database_(std::move(database)), statements_(std::move(prepared)), rows_(std::move(rows)) {}

  result<std::vector<std::string>> execute(const outbox_batch& batch) override {
    const std::scoped_lock lock{mutex_};
    auto transaction = database_.begin();
    if (!transaction) {
      return std::move(transaction).error();
    }
    std::vector<std::string> repeated;
    for (const outbox_entry& entry : batch.added) {
      const auto is_new = insert(entry);
      if (!is_new) {
        return is_new.error();
      }
      if (!*is_new) {
        repeated.push_back(entry.event.event_id);
      }
    }
    for (const outbox_update& change : batch.updates) {
      if (auto updated = update(change); !updated) {
        return std::move(updated).error();
      }
    }
    if (auto committed = transaction->commit(); !committed) {
      return std::move(committed).error();
    }
    return repeated;
  }

  result<std::vector<outbox_entry>> list_open() override {
    const std::scoped_lock lock{mutex_};
    return read_entries(statements_.open);
  }

  result<notification_page> list(const notification_filter& filter) override {
    const std::scoped_lock lock{mutex_};
    const auto after = filter.after.value_or(notification_cursor{timestamp::max(), {}});
    statements_.list.bind(1, listed_states(filter.states))
        .bind(2, filter.job)
        .bind(3, filter.event)
        .bind(4, filter.event_id)
        .bind(5, after.created_at)
        .bind(6, after.event_id)
        .bind(7, std::int64_t{filter.limit} + 1);
    notification_page page;
    notification_cursor last;
    std::uint32_t rows = 0;
    const auto listed = statements_.list.for_each([&](const sqlite_statement& row) {
      if (rows++ == filter.limit) {
        page.next = last;
        return;
      }
      last = {row.time(1), std::string{row.text(8)}};
      if (auto entry = read_row(rows_, row)) {
        page.notifications.push_back(
            {std::move(entry->event), parse_outbox_state(row.text(7)).value_or(outbox_state::open),
             entry->created_at, entry->due_at, entry->tries, entry->problem,
             std::move(entry->error)}
        );
      }
    });
    if (!listed) {
      return listed.error();
    }
    return page;
  }

  result<std::vector<outbox_entry>> reopen(const notification_filter& filter, timestamp at)
      override {
    const std::scoped_lock lock{mutex_};
    statements_.reopen.bind(1, at)
        .bind(2, listed_states(filter.states))
        .bind(3, filter.job)
        .bind(4, filter.event)
        .bind(5, filter.event_id)
        .bind(6, filter.limit);
    return read_entries(statements_.reopen);
  }

  void_result purge(const outbox_retention& kept) override {
    const std::scoped_lock lock{mutex_};
    using enum outbox_state;
    for (const auto& [state, before] :
         {std::pair{delivered, kept.delivered_before}, std::pair{given_up, kept.given_up_before}}) {
      if (auto done = statements_.purge.bind(1, to_string(state)).bind(2, before).run(); !done) {
        return done;
      }
    }
    return statements_.surplus.bind(1, kept.max_given_up).run();
  }

  void_result remove(const std::vector<std::string>& event_ids) override {
    const std::scoped_lock lock{mutex_};
    auto transaction = database_.begin();
    if (!transaction) {
      return std::move(transaction).error();
    }
    for (const std::string& id : event_ids) {
      if (auto done = statements_.remove.bind(1, id).run(); !done) {
        return done;
      }
    }
    return transaction->commit();
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return true; }

 private:
  /// False where the event id is there already.
  result<bool> insert(const outbox_entry& entry) {
    const std::string body = rows_.body_of(entry.event);
    auto done = statements_.insert.bind(1, entry.event.event_id)
                    .bind_blob(2, std::as_bytes(std::span{body}))
                    .bind(3, entry.created_at)
                    .bind(4, entry.due_at)
                    .bind(5, entry.tries)
                    .bind(6, to_string(entry.event.job))
                    .bind(7, entry.event.event)
                    .bind(8, entry.opened_at)
                    .bind(9, to_string(entry.problem))
                    .bind(10, rows_.hidden_error(entry.event.event_id, entry.error))
                    .run();
    if (!done) {
      return std::move(done).error();
    }
    return database_.changes() > 0;
  }

  void_result update(const outbox_update& change) {
    return statements_.update.bind(1, change.event_id)
        .bind(2, to_string(change.state))
        .bind(3, change.at)
        .bind(4, change.tries)
        .bind(5, to_string(change.problem))
        .bind(6, rows_.hidden_error(change.event_id, change.error))
        .run();
  }

  result<std::vector<outbox_entry>> read_entries(sqlite_statement& from) const {
    std::vector<outbox_entry> entries;
    const auto done = from.for_each([&](const sqlite_statement& row) {
      if (auto entry = read_row(rows_, row)) {
        entries.push_back(*std::move(entry));
      }
    });
    if (!done) {
      return done.error();
    }
    return entries;
  }

  /// A notifier that is restarted may begin while its predecessor's last call is still under way.
  std::mutex mutex_;
  sqlite_database database_;
  statements statements_;
  outbox_rows rows_;
};

}  // namespace

const std::array<encrypted_column, 2> encrypted_outbox_columns{{
    {"outbox", "event_id", "body", place_of_notification},
    {"outbox", "event_id", "error", place_of_notification_error},
}};

result<std::unique_ptr<outbox>> open_sqlite_outbox(
    const std::filesystem::path& file, const encryption_keys& keys
) {
  auto database = sqlite_database::open(file, busy_timeout);
  if (!database) {
    return std::move(database).error();
  }
  if (auto migrated = database->migrate({sqlite_outbox_schema, sqlite_schema_steps}); !migrated) {
    return std::move(migrated).error();
  }
  auto cipher = open_row_cipher(
      *database, sqlite_outbox_schema, keys, {"SELECT 1 FROM outbox LIMIT 1", encrypt_entries}
  );
  if (!cipher) {
    return std::move(cipher).error();
  }
  auto prepared = prepare_all(*database);
  if (!prepared) {
    return std::move(prepared).error();
  }
  std::unique_ptr<outbox> opened = std::make_unique<sqlite_outbox>(
      std::move(*database), std::move(*prepared), outbox_rows{*std::move(cipher)}
  );
  return opened;
}

}  // namespace stayler::adapters
