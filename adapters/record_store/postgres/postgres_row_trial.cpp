// SPDX-License-Identifier: MIT
#include "adapters/record_store/postgres/postgres_row_trial.hpp"

#include "adapters/record_store/postgres/postgres_record_rows.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace stayler::adapters {

namespace {

const std::string columns_of_rule_sql =
    "SELECT a.attname FROM pg_constraint c JOIN pg_attribute a"
    " ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)"
    " WHERE c.conname = $1 AND c.conrelid = to_regclass($2)";

// The name of the type, without a length for the cast below, and with it; the length.
const std::string type_of_column_sql =
    "SELECT format_type(atttypid, NULL), format_type(atttypid, atttypmod),"
    " CASE WHEN atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND atttypmod > 4"
    " THEN atttypmod - 4 ELSE 0 END, attgenerated <> '' OR attidentity = 'a'"
    " FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2";

/// Values that a probe can only make up: where a rule is about these alone, another row may pass.
constexpr std::array<std::string_view, 5> made_up_columns{
    "id", "user_id", "user_image_id", "cloth_image_id", "result_image_id"};

/// What says no more of the row than that the database is not there for it at present.
bool says_nothing_of_row(postgres_connection& on, const failure& why, const postgres_error& error) {
  const bool is_away = why.kind == error_class::unavailable || why.kind == error_class::store_full;
  return !on.is_usable() || (is_away && !error.state.empty());
}

/// Whether a rule that the server has named is about no other columns than these.
result<bool> is_about(
    postgres_connection& on, const postgres_error& error, std::span<const std::string_view> columns
) {
  const auto named = on.execute(columns_of_rule_sql, {error.constraint, error.table});
  if (!named) {
    return named.error();
  }
  bool is_so = named->size() > 0;
  for (std::size_t i = 0; i < named->size(); ++i) {
    is_so = is_so && std::ranges::find(columns, named->text(i, 0)) != columns.end();
  }
  return is_so;
}

result<bool> hangs_on_other_rows(postgres_connection& on, const postgres_error& error) {
  if (error.state == "23505" || error.state == "23P01") {
    return true;
  }
  return error.state == "23503" ? is_about(on, error, made_up_columns) : result<bool>{false};
}

/// Whether it is a value that this service writes that is refused, not that it writes at all.
result<bool> is_about_written_columns(
    postgres_connection& on, const trial_row& row, const postgres_error& error
) {
  if (error.state == "23502") {
    return std::ranges::find(row.columns, error.column) != row.columns.end();
  }
  if (error.state == "23514" || error.state == "23503") {
    return is_about(on, error, row.columns);
  }
  return error.state.starts_with("22") || error.state == "428C9";
}

/// Whether the column is the one at fault; then what is to be said of it.
std::string fault_of_column(
    postgres_connection& on,
    const trial_row& row,
    std::string_view column,
    const postgres_value& value
) {
  const auto type = on.execute(type_of_column_sql, {std::string{row.table}, std::string{column}});
  if (!type || type->size() == 0) {
    return {};
  }
  if (type->text(0, 3) == "t") {
    return fmt::format("its column {} is generated, and has to be a plain one", column);
  }
  const auto length = static_cast<std::size_t>(type->number(0, 2));
  const bool is_too_long = length > 0 && value && value->size() > length;
  const bool is_readable =
      try_in_transaction(on, false, [&] {
        return without_rows(on.execute("SELECT $1::" + type->text(0, 0), {value}));
      }).has_value();
  if (!is_too_long && is_readable) {
    return {};
  }
  return fmt::format(
      "its column {} of type {} has to take '{}'", column, type->text(0, 1), value.value_or("NULL")
  );
}

/// The server names no column where a value does not fit into its type.
std::string fault_of_value(postgres_connection& on, const trial_row& row) {
  for (std::size_t i = 0; i < row.columns.size(); ++i) {
    if (auto fault = fault_of_column(on, row, row.columns[i], row.values[i]); !fault.empty()) {
      return fault;
    }
  }
  return "one of its columns has to take it";
}

std::string what_would_help(
    postgres_connection& on, const trial_row& row, const postgres_error& error
) {
  const std::string& state = error.state;
  if (state == "23514" && !error.constraint.empty()) {
    return fmt::format("its rule {} has to allow that", error.constraint);
  }
  if (state == "23502") {
    const bool is_ours = std::ranges::find(row.columns, error.column) != row.columns.end();
    return fmt::format(
        "its column {} {}", error.column,
        is_ours ? "is empty then, and has to allow NULL"
                : "is not written by this service, and needs a default or has to allow NULL"
    );
  }
  if (state == "23503") {
    return fmt::format(
        "the table that its foreign key {} refers to has to hold the value", error.constraint
    );
  }
  if (state.starts_with("22") || state == "428C9") {
    return fault_of_value(on, row);
  }
  if (state == "42P10") {
    return "its column id has to be the primary key, or unique";
  }
  if (state == "42501" || state.empty()) {
    return "a policy of row-level security, a trigger, another row or a missing right keeps it out";
  }
  return "a trigger or another rule of it says no";
}

}  // namespace

void_result try_in_transaction(
    postgres_connection& on, bool is_kept, const std::function<void_result()>& work
) {
  if (auto begun = without_rows(on.execute("SAVEPOINT stayler_trial")); !begun) {
    return begun;
  }
  auto done = work();
  if (!done || !is_kept) {
    if (auto undone = without_rows(on.execute("ROLLBACK TO SAVEPOINT stayler_trial")); !undone) {
      return undone;
    }
  }
  auto released = without_rows(on.execute("RELEASE SAVEPOINT stayler_trial"));
  return released ? done : released;
}

result<trial_outcome> try_row(postgres_connection& on, const trial_row& row, bool is_kept) {
  trial_outcome outcome;
  const auto written = try_in_transaction(on, is_kept, [&]() -> void_result {
    auto done = row.write(on);
    if (done) {
      done = without_rows(on.execute("SET CONSTRAINTS ALL IMMEDIATE"));
    }
    outcome.error = on.last_error();
    return done;
  });
  if (written) {
    return outcome;
  }
  if (says_nothing_of_row(on, written.error(), outcome.error)) {
    return written.error();
  }
  const auto is_unclear = hangs_on_other_rows(on, outcome.error);
  const auto is_ours = is_about_written_columns(on, row, outcome.error);
  if (!is_unclear || !is_ours) {
    return is_unclear ? is_ours.error() : is_unclear.error();
  }
  if (*is_unclear) {
    outcome.is = trial_outcome::kind::unclear;
    return outcome;
  }
  outcome.is = trial_outcome::kind::refused;
  outcome.is_about_written_columns = *is_ours;
  const bool is_said = !outcome.error.state.empty();
  outcome.misfit = fmt::format(
      "PostgreSQL: the application's table {} does not take {}: {} ({})", row.table, row.what,
      what_would_help(on, row, outcome.error),
      is_said ? outcome.error.state + ": " + outcome.error.text : written.error().message
  );
  return outcome;
}

}  // namespace stayler::adapters
