// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_rights.hpp"

#include <fmt/core.h>

#include <string>
#include <vector>

namespace stayler::adapters {

namespace {

// One row for each table on which something is lacking.
const std::string lacking_rights_sql =
    "SELECT wanted.name, r, current_user,"
    " 'GRANT ' || r || ' ON ' || wanted.name || ' TO ' || quote_ident(current_user)"
    " FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (name, rights, place),"
    " LATERAL (SELECT string_agg(each, ', ' ORDER BY n) AS r"
    " FROM unnest(string_to_array(wanted.rights, ', ')) WITH ORDINALITY AS every (each, n)"
    " WHERE NOT has_table_privilege(to_regclass(wanted.name), each)"
    " AND NOT CASE WHEN each = 'DELETE' THEN false"
    " ELSE has_any_column_privilege(to_regclass(wanted.name), each) END) AS lacking"
    " WHERE r IS NOT NULL ORDER BY wanted.place";

const std::string right_to_make_sql =
    "SELECT current_user, coalesce(current_schema(), ''),"
    " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),"
    " current_setting('search_path'), quote_ident(current_schema()), quote_ident(current_user)";

}  // namespace

void_result check_table_rights(postgres_connection& on, std::span<const table_rights> wanted) {
  std::vector<std::string> tables;
  std::vector<std::string> rights;
  for (const table_rights& each : wanted) {
    tables.emplace_back(each.table);
    rights.emplace_back(each.rights);
  }
  const auto lacking =
      on.execute(lacking_rights_sql, {postgres_array(tables), postgres_array(rights)});
  if (!lacking) {
    return lacking.error();
  }
  if (lacking->size() == 0) {
    return ok();
  }
  std::string what;
  std::string grants;
  for (std::size_t row = 0; row < lacking->size(); ++row) {
    what += fmt::format(
        "{}{} on {}", row == 0 ? "" : "; ", lacking->text(row, 1), lacking->text(row, 0)
    );
    grants += fmt::format("{}{}", row == 0 ? "" : "; ", lacking->text(row, 3));
  }
  return failure{
      error_class::permission,
      fmt::format(
          "PostgreSQL: the role {} lacks {}. The tables' owner can say: {}", lacking->text(0, 2),
          what, grants
      )};
}

void_result check_right_to_make(postgres_connection& on, std::string_view what) {
  const auto found = on.execute(right_to_make_sql);
  if (!found) {
    return found.error();
  }
  if (found->text(0, 1).empty()) {
    return failure{
        error_class::invalid_input,
        fmt::format(
            "PostgreSQL: no schema of the search path ({}) is there for the role {}: make it, or "
            "GRANT USAGE ON SCHEMA",
            found->text(0, 3), found->text(0, 0)
        )};
  }
  if (found->text(0, 2) == "t") {
    return ok();
  }
  return failure{
      error_class::permission, fmt::format(
                                   "PostgreSQL: {} has to be made, and the role {} may not make "
                                   "tables. The schema's owner can "
                                   "say: GRANT CREATE ON SCHEMA {} TO {}",
                                   what, found->text(0, 0), found->text(0, 4), found->text(0, 5)
                               )};
}

}  // namespace stayler::adapters
