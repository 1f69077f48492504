// SPDX-License-Identifier: MIT
#include "adapters/outbox/postgres_outbox.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/outbox/outbox_rows.hpp"
#include "adapters/postgres/postgres_database.hpp"
#include "adapters/postgres/postgres_migration.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace stayler::adapters {

namespace {

// The body is the notification's bytes (byte_codec.hpp), encrypted where there are keys
// (outbox_rows.hpp); nothing searches in it. due_at of an entry
// that has ended is when it ended.
constexpr std::array<std::string_view, 7> postgres_schema_steps{
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
    "CREATE INDEX stayler_outbox_ended ON stayler_outbox (due_at) WHERE state <> 'open'",
    R"sql(
  ALTER TABLE stayler_outbox
    ADD COLUMN job text NOT NULL DEFAULT '',
    ADD COLUMN event text NOT NULL DEFAULT '',
    ADD COLUMN opened_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN problem text NOT NULL DEFAULT 'none',
    ADD COLUMN error text NOT NULL DEFAULT ''
)sql",
    // Each event id begins with its job's.
    "UPDATE stayler_outbox SET job = left(event_id, 36), opened_at = created_at",
    "CREATE INDEX stayler_outbox_by_age ON stayler_outbox (created_at, event_id)",
    "CREATE INDEX stayler_outbox_given_up ON stayler_outbox (due_at) WHERE state = 'given_up'"};

constexpr std::array<std::string_view, 1> outbox_tables{"stayler_outbox"};

const std::string postgres_insert_sql =
    "INSERT INTO stayler_outbox"
    " (event_id, body, created_at, due_at, tries, job, event, opened_at, problem, error, state,"
    " owner, claimed_until)"
    " SELECT event_id, decode(body, 'base64'), created_at, due_at, tries, job, event, opened_at,"
    " problem, error, 'open', $11, now() + $12::interval"
    " FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::integer[],"
    " $6::text[], $7::text[], $8::timestamptz[], $9::text[], $10::text[])"
    " AS entry (event_id, body, created_at, due_at, tries, job, event, opened_at, problem, error)"
    " ON CONFLICT (event_id) DO NOTHING RETURNING event_id";

// That it was delivered is true whoever says so; all else is for the owner to say.
const std::string postgres_update_sql =
    "UPDATE stayler_outbox AS kept"
    " SET state = said.state, due_at = said.at, tries = said.tries, problem = said.problem,"
    " error = said.error"
    " FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::integer[], $5::text[], $6::text[])"
    " AS said (event_id, state, at, tries, problem, error)"
    " WHERE kept.event_id = said.event_id AND kept.state = 'open'"
    " AND (said.state = 'delivered' OR kept.owner = $7)";

/// What read_entry() reads.
const std::string entry_columns =
    " translate(encode(kept.body, 'base64'), E'\\n', ''),"
    " floor(extract(epoch FROM kept.created_at) * 1000)::bigint,"
    " floor(extract(epoch FROM kept.due_at) * 1000)::bigint, kept.tries,"
    " floor(extract(epoch FROM kept.opened_at) * 1000)::bigint, kept.problem, kept.error,"
    " kept.state, kept.event_id";

const std::string claim_sql =
    "WITH free AS (SELECT event_id FROM stayler_outbox"
    " WHERE state = 'open' AND (owner = $1 OR claimed_until < now())"
    " ORDER BY owner <> $1, created_at LIMIT $3 FOR UPDATE SKIP LOCKED)"
    " UPDATE stayler_outbox AS kept SET owner = $1, claimed_until = now() + $2::interval"
    " FROM free WHERE kept.event_id = free.event_id RETURNING"
    + entry_columns;

/// What $1 to $4 say of an entry: states, job, event and event id, where they are not empty.
const std::string filter_sql =
    " ($1 = '{}'::text[] OR state = ANY ($1)) AND ($2 = '' OR job = $2)"
    " AND ($3 = '' OR event = $3) AND ($4 = '' OR event_id = $4)";

// Times have milliseconds: a cursor that was cut to them is the row's own time.
const std::string postgres_list_sql = "SELECT" + entry_columns
                                      + " FROM stayler_outbox AS kept WHERE" + filter_sql
                                      + " AND (created_at, event_id) < ($5::timestamptz, $6)"
                                      + " ORDER BY created_at DESC, event_id DESC LIMIT $7";

const std::string postgres_reopen_sql =
    "WITH ended AS (SELECT event_id FROM stayler_outbox WHERE state <> 'open' AND" + filter_sql
    + " ORDER BY created_at, event_id LIMIT $5 FOR UPDATE SKIP LOCKED)"
    + " UPDATE stayler_outbox AS kept SET state = 'open', due_at = $6, opened_at = $6, tries = 0,"
    + " owner = $7, claimed_until = now() + $8::interval"
    + " FROM ended WHERE kept.event_id = ended.event_id RETURNING" + entry_columns;

const std::string postgres_purge_sql =
    "DELETE FROM stayler_outbox WHERE event_id IN (SELECT event_id FROM stayler_outbox"
    " WHERE state = $1 AND state <> 'open' AND due_at < $2 LIMIT 10000 FOR UPDATE SKIP LOCKED)";

const std::string postgres_surplus_sql =
    "DELETE FROM stayler_outbox WHERE event_id IN (SELECT event_id FROM stayler_outbox"
    " WHERE state = 'given_up' ORDER BY due_at DESC LIMIT 10000 OFFSET $1)";

/// The entry of a row, if its body can be read.
std::optional<outbox_entry> read_entry(
    const outbox_rows& as, const postgres_rows& rows, std::size_t row
) {
  const auto body = base64_decode(rows.text(row, 0));
  if (!body) {
    return std::nullopt;
  }
  const std::string id = rows.text(row, 8);
  auto event = as.read_body(id, {reinterpret_cast<const char*>(body->data()), body->size()});
  if (!event) {
    return std::nullopt;
  }
  return outbox_entry{
      *std::move(event),
      rows.time(row, 1),
      rows.time(row, 2),
      static_cast<std::uint32_t>(rows.number(row, 3)),
      rows.time(row, 4),
      parse_delivery_problem(rows.text(row, 5)),
      as.read_error_text(id, rows.text(row, 6))};
}

/// The oldest first.
std::vector<outbox_entry> read_entries(const outbox_rows& as, const postgres_rows& rows) {
  std::vector<outbox_entry> entries;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (auto entry = read_entry(as, rows, row)) {
      entries.push_back(*std::move(entry));
    }
  }
  std::ranges::stable_sort(entries, {}, &outbox_entry::created_at);
  return entries;
}

/// $1 to $4 of filter_sql.
postgres_values filter_values(const notification_filter& filter) {
  std::vector<std::string> states;
  for (const outbox_state state : filter.states) {
    states.emplace_back(to_string(state));
  }
  return {postgres_array(states), filter.job, filter.event, filter.event_id};
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
        rows_(row_cipher::for_contents(options.keys)),
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
    return read_entries(rows_, *rows);
  }

  result<notification_page> list(const notification_filter& filter) override {
    postgres_values values = filter_values(filter);
    values.emplace_back(filter.after ? to_rfc3339(filter.after->created_at) : "infinity");
    values.emplace_back(filter.after ? filter.after->event_id : std::string{});
    values.emplace_back(std::to_string(std::uint64_t{filter.limit} + 1));
    const auto rows = database_.query(postgres_list_sql, values);
    if (!rows) {
      return rows.error();
    }
    notification_page page;
    const std::size_t shown = std::min<std::size_t>(rows->size(), filter.limit);
    for (std::size_t row = 0; row < shown; ++row) {
      if (auto entry = read_entry(rows_, *rows, row)) {
        page.notifications.push_back(
            {std::move(entry->event),
             parse_outbox_state(rows->text(row, 7)).value_or(outbox_state::open), entry->created_at,
             entry->due_at, entry->tries, entry->problem, std::move(entry->error)}
        );
      }
    }
    if (rows->size() > shown && shown > 0) {
      page.next = notification_cursor{rows->time(shown - 1, 1), rows->text(shown - 1, 8)};
    }
    return page;
  }

  result<std::vector<outbox_entry>> reopen(const notification_filter& filter, timestamp at)
      override {
    postgres_values values = filter_values(filter);
    values.emplace_back(std::to_string(filter.limit));
    values.emplace_back(to_rfc3339(at));
    values.emplace_back(options_.instance_id);
    values.emplace_back(claim_);
    const auto rows = database_.query(postgres_reopen_sql, values);
    if (!rows) {
      return rows.error();
    }
    return read_entries(rows_, *rows);
  }

  void_result purge(const outbox_retention& kept) override {
    using enum outbox_state;
    for (const auto& [state, before] :
         {std::pair{delivered, kept.delivered_before}, std::pair{given_up, kept.given_up_before}}) {
      auto purged =
          database_.query(postgres_purge_sql, {std::string{to_string(state)}, to_postgres(before)});
      if (!purged) {
        return std::move(purged).error();
      }
    }
    auto purged = database_.query(postgres_surplus_sql, {std::to_string(kept.max_given_up)});
    return purged ? ok() : void_result{std::move(purged).error()};
  }

  void_result remove(const std::vector<std::string>& event_ids) override {
    auto removed = database_.query(
        "DELETE FROM stayler_outbox WHERE event_id = ANY ($1::text[])", {postgres_array(event_ids)}
    );
    return removed ? ok() : void_result{std::move(removed).error()};
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
    std::array<std::vector<std::string>, 10> columns;
    for (const outbox_entry& entry : entries) {
      columns[0].push_back(entry.event.event_id);
      columns[1].push_back(base64_encode(rows_.body_of(entry.event)));
      columns[2].push_back(to_rfc3339(entry.created_at));
      columns[3].push_back(to_rfc3339(entry.due_at));
      columns[4].push_back(std::to_string(entry.tries));
      columns[5].push_back(to_string(entry.event.job));
      columns[6].push_back(entry.event.event);
      columns[7].push_back(to_rfc3339(entry.opened_at));
      columns[8].emplace_back(to_string(entry.problem));
      columns[9].push_back(rows_.hidden_error_text(entry.event.event_id, entry.error));
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
    std::array<std::vector<std::string>, 6> columns;
    for (const auto& [id, update] : sum_of(updates)) {
      columns[0].push_back(id);
      columns[1].emplace_back(to_string(update.state));
      columns[2].push_back(to_rfc3339(update.at));
      columns[3].push_back(std::to_string(update.tries));
      columns[4].emplace_back(to_string(update.problem));
      columns[5].push_back(rows_.hidden_error_text(id, update.error));
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
  outbox_rows rows_;
  std::string claim_;  ///< claim_time as the server reads it
  postgres_database database_;
};

}  // namespace

result<std::unique_ptr<outbox>> open_postgres_outbox(const postgres_outbox_options& options) {
  if (auto migrated =
          migrate_postgres(options.server, {"outbox", postgres_schema_steps}, outbox_tables);
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
