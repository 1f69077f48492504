// SPDX-License-Identifier: MIT
#include "adapters/outbox/postgres_outbox.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/codec/byte_codec.hpp"
#include "adapters/postgres/postgres_database.hpp"
#include "adapters/postgres/postgres_migration.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace stayler::adapters {

namespace {

// The body is the notification's bytes (byte_codec.hpp); nothing searches in it. due_at of an entry
// that has ended is when it ended.
constexpr std::array<std::string_view, 3> postgres_schema_steps{
    R"sql(
  CREATE TABLE stayler_outbox (
    event_id text PRIMARY KEY,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    tries integer NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'delivered', 'given_up')),
    owner text NOT NULL,
    claimed_until timestamptz NOT NULL
  )
)sql",
    "CREATE INDEX stayler_outbox_open ON stayler_outbox (created_at) WHERE state = 'open'",
    "CREATE INDEX stayler_outbox_ended ON stayler_outbox (due_at) WHERE state <> 'open'"};

constexpr std::array<std::string_view, 1> outbox_tables{"stayler_outbox"};

const std::string postgres_insert_sql =
    "INSERT INTO stayler_outbox"
    " (event_id, body, created_at, due_at, tries, state, owner, claimed_until)"
    " SELECT event_id, decode(body, 'base64'), created_at, due_at, tries, 'open', $6,"
    " now() + $7::interval"
    " FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::integer[])"
    " AS entry (event_id, body, created_at, due_at, tries)"
    " ON CONFLICT (event_id) DO NOTHING RETURNING event_id";

// That it was delivered is true whoever says so; all else is for the owner to say.
const std::string postgres_update_sql =
    "UPDATE stayler_outbox AS kept"
    " SET state = said.state, due_at = said.at, tries = said.tries"
    " FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::integer[])"
    " AS said (event_id, state, at, tries)"
    " WHERE kept.event_id = said.event_id AND kept.state = 'open'"
    " AND (said.state = 'delivered' OR kept.owner = $5)";

const std::string claim_sql =
    "WITH free AS (SELECT event_id FROM stayler_outbox"
    " WHERE state = 'open' AND (owner = $1 OR claimed_until < now())"
    " ORDER BY owner <> $1, created_at LIMIT $3 FOR UPDATE SKIP LOCKED)"
    " UPDATE stayler_outbox AS kept SET owner = $1, claimed_until = now() + $2::interval"
    " FROM free WHERE kept.event_id = free.event_id"
    " RETURNING translate(encode(kept.body, 'base64'), E'\\n', ''),"
    " floor(extract(epoch FROM kept.created_at) * 1000)::bigint,"
    " floor(extract(epoch FROM kept.due_at) * 1000)::bigint, kept.tries";

const std::string postgres_purge_sql =
    "DELETE FROM stayler_outbox WHERE event_id IN (SELECT event_id FROM stayler_outbox"
    " WHERE state <> 'open' AND due_at < $1 LIMIT 10000 FOR UPDATE SKIP LOCKED)";

std::optional<outbox_entry> read_entry(const postgres_rows& rows, std::size_t row) {
  const auto body = base64_decode(rows.text(row, 0));
  if (!body) {
    return std::nullopt;
  }
  auto event =
      decode_bytes<notification>({reinterpret_cast<const char*>(body->data()), body->size()});
  if (!event) {
    return std::nullopt;
  }
  return outbox_entry{
      *std::move(event), rows.time(row, 1), rows.time(row, 2),
      static_cast<std::uint32_t>(rows.number(row, 3))};
}

/// What the updates come to, one after the other: an entry that has ended does not change.
std::map<std::string, outbox_update> sum_of(const std::vector<outbox_update>& updates) {
  std::map<std::string, outbox_update> last;
  for (const outbox_update& update : updates) {
    outbox_update& kept = last.try_emplace(update.event_id, update).first->second;
    if (kept.state == outbox_state::open) {
      kept = update;
    }
  }
  return last;
}

class postgres_outbox final : public outbox {
 public:
  explicit postgres_outbox(const postgres_outbox_options& options)
      : options_(options),
        claim_(std::to_string(options.claim_time.count()) + " milliseconds"),
        database_(options.server) {}

  void_result connect() { return database_.connect(); }

  result<std::vector<std::string>> execute(const outbox_batch& batch) override {
    std::vector<std::string> repeated;
    auto done = database_.transact([&](postgres_connection& on) -> void_result {
      auto added = add(on, batch.added);
      if (!added) {
        return std::move(added).error();
      }
      repeated = std::move(*added);
      return update(on, batch.updates);
    });
    if (!done) {
      return std::move(done).error();
    }
    return repeated;
  }

  result<std::vector<outbox_entry>> list_open() override {
    const auto rows = database_.query(
        claim_sql, {options_.instance_id, claim_, std::to_string(options_.max_claimed)}
    );
    if (!rows) {
      return rows.error();
    }
    std::vector<outbox_entry> open;
    for (std::size_t row = 0; row < rows->size(); ++row) {
      // Bytes that this version does not know stay for the one that wrote them.
      if (auto entry = read_entry(*rows, row)) {
        open.push_back(*std::move(entry));
      }
    }
    std::ranges::stable_sort(open, {}, &outbox_entry::created_at);
    return open;
  }

  void_result purge(timestamp ended_before) override {
    auto purged = database_.query(postgres_purge_sql, {to_postgres(ended_before)});
    return purged ? ok() : void_result{std::move(purged).error()};
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return true; }
  [[nodiscard]] bool is_shared() const noexcept override { return true; }

 private:
  /// The event ids that were there already.
  result<std::vector<std::string>> add(
      postgres_connection& on, const std::vector<outbox_entry>& entries
  ) const {
    if (entries.empty()) {
      return std::vector<std::string>{};
    }
    std::array<std::vector<std::string>, 5> columns;
    for (const outbox_entry& entry : entries) {
      columns[0].push_back(entry.event.event_id);
      columns[1].push_back(base64_encode(encode_bytes(entry.event)));
      columns[2].push_back(to_rfc3339(entry.created_at));
      columns[3].push_back(to_rfc3339(entry.due_at));
      columns[4].push_back(std::to_string(entry.tries));
    }
    postgres_values parameters;
    for (const auto& column : columns) {
      parameters.emplace_back(postgres_array(column));
    }
    parameters.emplace_back(options_.instance_id);
    parameters.emplace_back(claim_);
    const auto inserted = on.execute(postgres_insert_sql, parameters);
    if (!inserted) {
      return inserted.error();
    }
    std::set<std::string> added;
    for (std::size_t row = 0; row < inserted->size(); ++row) {
      added.insert(inserted->text(row, 0));
    }
    std::vector<std::string> repeated;
    for (const std::string& id : columns[0]) {
      if (added.erase(id) == 0) {
        repeated.push_back(id);
      }
    }
    return repeated;
  }

  void_result update(postgres_connection& on, const std::vector<outbox_update>& updates) const {
    if (updates.empty()) {
      return ok();
    }
    std::array<std::vector<std::string>, 4> columns;
    for (const auto& [id, update] : sum_of(updates)) {
      columns[0].push_back(id);
      columns[1].emplace_back(name_of(update.state));
      columns[2].push_back(to_rfc3339(update.at));
      columns[3].push_back(std::to_string(update.tries));
    }
    postgres_values parameters;
    for (const auto& column : columns) {
      parameters.emplace_back(postgres_array(column));
    }
    parameters.emplace_back(options_.instance_id);
    auto done = on.execute(postgres_update_sql, parameters);
    return done ? ok() : void_result{std::move(done).error()};
  }

  postgres_outbox_options options_;
  std::string claim_;  ///< claim_time as the server reads it
  postgres_database database_;
};

}  // namespace

result<std::unique_ptr<outbox>> open_postgres_outbox(const postgres_outbox_options& options) {
  if (auto migrated =
          migrate_postgres(options.server, "outbox", postgres_schema_steps, outbox_tables);
      !migrated) {
    return std::move(migrated).error();
  }
  auto opened = std::make_unique<postgres_outbox>(options);
  if (auto connected = opened->connect(); !connected) {
    return std::move(connected).error();
  }
  return std::unique_ptr<outbox>{std::move(opened)};
}

}  // namespace stayler::adapters
