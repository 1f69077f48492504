// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_url.hpp"
#include "adapters/schema_version/schema_version.hpp"
#include "messages/base/result.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// A table that belongs to the application: made where it is not there, and otherwise left alone.
struct foreign_table {
  std::string_view name;
  std::string_view creation;              ///< the statement that makes it
  std::vector<std::string_view> columns;  ///< that it needs to have
  std::string_view rights;                ///< that we need on it: "SELECT, INSERT"
};

/// Brings one schema of ours up to date: a step is one statement. Versions are in
/// stayler_schema_versions. All happens in one transaction, which keeps out other processes that do
/// the same, and nothing is created that is there. A database of a later version stays as it is. At
/// last it is checked that the role may do what it has to in these tables, all of which `tables`
/// names. Errors: as postgres_connection; permission, with the GRANTs that would help;
/// invalid_input where a program without the steps of the database's version cannot work on it,
/// where one of the application's tables lacks a column, or where there is no schema to make tables
/// in.
void_result migrate_postgres(
    const postgres_options& server,
    const schema_steps& schema,
    std::span<const std::string_view> tables,
    std::span<const foreign_table> foreign = {}
);

}  // namespace stayler::adapters
