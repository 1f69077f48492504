// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_connection.hpp"

#include <span>
#include <string_view>

namespace stayler::adapters {

/// What a role has to be allowed on a table.
struct table_rights {
  std::string_view table;   ///< found on the search path
  std::string_view rights;  ///< "SELECT, INSERT"; those on some of the columns alone count, too
};

/// Whether the connection's role has these rights. permission, with one line that names all that it
/// lacks and the GRANTs that would help; further errors as postgres_connection.
void_result check_table_rights(postgres_connection& on, std::span<const table_rights> wanted);

/// Whether tables can be made; `what` is to be made. permission, naming the role, the schema and
/// the GRANT; invalid_input where no schema of the search path is there.
void_result check_right_to_make(postgres_connection& on, std::string_view what);

}  // namespace stayler::adapters
