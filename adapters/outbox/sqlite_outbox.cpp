// SPDX-License-Identifier: MIT
#include "adapters/outbox/sqlite_outbox.hpp"

#include "adapters/codec/byte_codec.hpp"
#include "adapters/sqlite/sqlite_database.hpp"

#include <array>
#include <mutex>
#include <utility>

namespace stayler::adapters {

namespace {

// The body is the notification's bytes (byte_codec.hpp); nothing searches in it. Times are Unix
// milliseconds; due_at of an entry that has ended is when it ended.
constexpr std::array<std::string_view, 1> sqlite_schema_steps{R"sql(
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
)sql"};

constexpr std::string_view sqlite_insert_sql =
    "INSERT INTO outbox (event_id, body, created_at, due_at, tries, state)"
    " VALUES (?1, ?2, ?3, ?4, ?5, 'open') ON CONFLICT (event_id) DO NOTHING";

constexpr std::string_view sqlite_update_sql =
    "UPDATE outbox SET state = ?2, due_at = ?3, tries = ?4 WHERE event_id = ?1 AND state = 'open'";

constexpr std::string_view list_sql =
    "SELECT body, created_at, due_at, tries FROM outbox WHERE state = 'open' ORDER BY created_at";

constexpr std::string_view sqlite_purge_sql =
    "DELETE FROM outbox WHERE rowid IN"
    " (SELECT rowid FROM outbox WHERE state <> 'open' AND due_at < ?1 LIMIT 10000)";

/// Who waits for a notification to be taken over waits for the file's lock at most this long.
constexpr milliseconds busy_timeout{1'000};

struct statements {
  sqlite_statement insert;
  sqlite_statement update;
  sqlite_statement list;
  sqlite_statement purge;
};

result<statements> prepare_all(sqlite_database& database) {
  std::vector<sqlite_statement> ready;
  for (const std::string_view text :
       {sqlite_insert_sql, sqlite_update_sql, list_sql, sqlite_purge_sql}) {
    auto statement = database.prepare(text);
    if (!statement) {
      return std::move(statement).error();
    }
    ready.push_back(std::move(*statement));
  }
  return statements{
      std::move(ready[0]), std::move(ready[1]), std::move(ready[2]), std::move(ready[3])};
}

class sqlite_outbox final : public outbox {
 public:
  sqlite_outbox(sqlite_database database, statements prepared)
      : database_(std::move(database)), statements_(std::move(prepared)) {}

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
    std::vector<outbox_entry> open;
    const auto listed = statements_.list.for_each([&open](const sqlite_statement& row) {
      const auto bytes = row.blob(0);
      // Bytes that this version does not know stay for the one that wrote them.
      if (auto event =
              decode_bytes<notification>({reinterpret_cast<const char*>(bytes.data()), bytes.size()}
              )) {
        open.push_back(
            {*std::move(event), row.time(1), row.time(2), static_cast<std::uint32_t>(row.int64(3))}
        );
      }
    });
    if (!listed) {
      return listed.error();
    }
    return open;
  }

  void_result purge(timestamp ended_before) override {
    const std::scoped_lock lock{mutex_};
    return statements_.purge.bind(1, ended_before).run();
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return true; }

 private:
  /// False where the event id is there already.
  result<bool> insert(const outbox_entry& entry) {
    const std::string body = encode_bytes(entry.event);
    auto done = statements_.insert.bind(1, entry.event.event_id)
                    .bind_blob(2, std::as_bytes(std::span{body}))
                    .bind(3, entry.created_at)
                    .bind(4, entry.due_at)
                    .bind(5, entry.tries)
                    .run();
    if (!done) {
      return std::move(done).error();
    }
    return database_.changes() > 0;
  }

  void_result update(const outbox_update& change) {
    return statements_.update.bind(1, change.event_id)
        .bind(2, name_of(change.state))
        .bind(3, change.at)
        .bind(4, change.tries)
        .run();
  }

  /// A notifier that is restarted may begin while its predecessor's last call is still under way.
  std::mutex mutex_;
  sqlite_database database_;
  statements statements_;
};

}  // namespace

result<std::unique_ptr<outbox>> open_sqlite_outbox(const std::filesystem::path& file) {
  auto database = sqlite_database::open(file, busy_timeout);
  if (!database) {
    return std::move(database).error();
  }
  if (auto migrated = database->migrate("outbox", sqlite_schema_steps); !migrated) {
    return std::move(migrated).error();
  }
  auto prepared = prepare_all(*database);
  if (!prepared) {
    return std::move(prepared).error();
  }
  std::unique_ptr<outbox> opened =
      std::make_unique<sqlite_outbox>(std::move(*database), std::move(*prepared));
  return opened;
}

}  // namespace stayler::adapters
