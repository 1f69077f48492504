// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/sqlite/sqlite_database.hpp"

namespace stayler::adapters {

/// What a record store asks for often, prepared once.
struct sqlite_record_statements {
  sqlite_statement select_conversion;
  sqlite_statement write_conversion;
  sqlite_statement write_image;
  sqlite_statement select_image;
  sqlite_statement delete_image;
  sqlite_statement write_probe;
  sqlite_statement read_probe;
  sqlite_statement add_spending;
  sqlite_statement select_spending;
  sqlite_statement keep_limit;
  sqlite_statement select_limits;
  sqlite_statement select_image_owner;
  sqlite_statement select_conversion_owner;
};

/// Of a database whose schema is this version's. Errors: unavailable with SQLite's message.
result<sqlite_record_statements> prepare_record_statements(sqlite_database& database);

}  // namespace stayler::adapters
