// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_migration.hpp"

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/postgres/postgres_rights.hpp"

#include <fmt/core.h>

#include <array>

namespace stayler::adapters {

namespace {

/// Others may be migrating, or copying tables of theirs.
constexpr milliseconds patience{30'000};

/// One of our own choice: whoever migrates holds it.
const std::string take_turn_sql = "SELECT pg_advisory_xact_lock(7310579461207)";

// Not CREATE IF NOT EXISTS: that takes the right to create also where the table is there, and looks
// in the first schema of the search path only.
const std::string is_there_sql = "SELECT 1 WHERE to_regclass($1) IS NOT NULL";

const std::string missing_columns_sql =
    "SELECT string_agg(wanted.name, ', ' ORDER BY wanted.place)"
    " FROM unnest($2::text[]) WITH ORDINALITY AS wanted (name, place)"
    " WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1)"
    " AND attname = wanted.name AND attnum > 0 AND NOT attisdropped)";

void_result run(
    postgres_connection& on, std::string_view sql, const postgres_values& parameters = {}
) {
  auto done = on.execute(std::string{sql}, parameters);
  return done ? ok() : void_result{std::move(done).error()};
}

/// Makes the table where it is not there; says whether it was.
result<bool> ensure_table(
    postgres_connection& on, std::string_view name, std::string_view creation
) {
  const auto there = on.execute(is_there_sql, {std::string{name}});
  if (!there) {
    return there.error();
  }
  if (there->size() > 0) {
    return true;
  }
  if (auto may = check_right_to_make(on, fmt::format("the table {}", name)); !may) {
    return std::move(may).error();
  }
  if (auto made = run(on, creation); !made) {
    return std::move(made).error();
  }
  return false;
}

void_result ensure_foreign(postgres_connection& on, const foreign_table& table) {
  const auto was_there = ensure_table(on, table.name, table.creation);
  if (!was_there) {
    return was_there.error();
  }
  const std::vector<std::string> columns{table.columns.begin(), table.columns.end()};
  const auto missing =
      on.execute(missing_columns_sql, {std::string{table.name}, postgres_array(columns)});
  if (!missing) {
    return missing.error();
  }
  if (const std::string names = missing->text(0, 0); !names.empty()) {
    return failure{
        error_class::invalid_input,
        fmt::format("PostgreSQL: the application's table {} lacks {}", table.name, names)};
  }
  return ok();
}

result<stored_version> version_of(postgres_connection& on, std::string_view schema) {
  auto kept = ensure_table(
      on, "stayler_schema_versions",
      "CREATE TABLE stayler_schema_versions (schema text PRIMARY KEY, version integer NOT NULL)"
  );
  if (!kept) {
    return std::move(kept).error();
  }
  const std::array wanted{table_rights{"stayler_schema_versions", "SELECT"}};
  if (auto may = check_table_rights(on, wanted); !may) {
    return std::move(may).error();
  }
  const auto found = on.execute(
      "SELECT version, coalesce("
      "(SELECT version FROM stayler_schema_versions WHERE schema = $2), version)"
      " FROM stayler_schema_versions WHERE schema = $1",
      {std::string{schema}, name_of_reader(schema)}
  );
  if (!found) {
    return found.error();
  }
  return found->size() == 0 ? stored_version{}
                            : stored_version{found->number(0, 0), found->number(0, 1)};
}

void_result note_version(postgres_connection& on, const schema_steps& schema) {
  return run(
      on,
      "INSERT INTO stayler_schema_versions (schema, version) VALUES ($1, $2), ($3, $4)"
      " ON CONFLICT (schema) DO UPDATE SET version = excluded.version",
      {std::string{schema.name}, std::to_string(schema.version()), name_of_reader(schema.name),
       std::to_string(schema.oldest_reader())}
  );
}

void_result run_steps(postgres_connection& on, const schema_steps& schema) {
  const auto found = version_of(on, schema.name);
  if (!found) {
    return found.error();
  }
  if (found->version >= schema.version()) {
    return check_reader(
        fmt::format("PostgreSQL: schema \"{}\"", schema.name), *found, schema.version()
    );
  }
  if (auto may = check_right_to_make(on, "a table of this version"); !may) {
    return may;
  }
  for (const std::string_view step :
       schema.steps.subspan(static_cast<std::size_t>(found->version))) {
    if (auto done = run(on, step); !done) {
      return done;
    }
  }
  return note_version(on, schema);
}

void_result check_rights(
    postgres_connection& on,
    std::span<const std::string_view> tables,
    std::span<const foreign_table> foreign
) {
  std::vector<table_rights> wanted;
  for (const foreign_table& table : foreign) {
    wanted.push_back({table.name, table.rights});
  }
  for (const std::string_view table : tables) {
    wanted.push_back({table, "SELECT, INSERT, UPDATE, DELETE"});
  }
  return check_table_rights(on, wanted);
}

}  // namespace

void_result migrate_postgres(
    const postgres_options& server,
    const schema_steps& schema,
    std::span<const std::string_view> tables,
    std::span<const foreign_table> foreign
) {
  postgres_options patient = server;
  patient.statement_timeout = patience;
  patient.answer_timeout = patience;
  postgres_database database{patient};
  return database.transact([&](postgres_connection& on) {
    if (auto turn = run(on, take_turn_sql); !turn) {
      return turn;
    }
    for (const foreign_table& table : foreign) {
      if (auto ready = ensure_foreign(on, table); !ready) {
        return ready;
      }
    }
    if (auto done = run_steps(on, schema); !done) {
      return done;
    }
    return check_rights(on, tables, foreign);
  });
}

}  // namespace stayler::adapters
