// SPDX-License-Identifier: MIT
#pragma once

// What the statements of the record store in PostgreSQL have in common.
//
// Parameters have no type of their own: each is read as the type of the column that it meets, be
// it text, uuid or an enumeration. Columns are read as text for the same reason.

#include "adapters/postgres/postgres_connection.hpp"

#include <string>
#include <utility>

namespace stayler::adapters {

/// A column's time as Unix milliseconds.
inline std::string millis_of(const std::string& column) {
  return "floor(extract(epoch FROM " + column + ") * 1000)::bigint";
}

/// The answer to a statement whose rows nobody wants.
inline void_result without_rows(result<postgres_rows> answer) {
  return answer ? ok() : void_result{std::move(answer).error()};
}

/// not_found where a query for that id gave no row, or where the application's type of id cannot
/// even spell it.
inline void_result check_found(const result<postgres_rows>& answer, const std::string& what) {
  const bool is_no_id = !answer && answer.error().kind == error_class::invalid_input;
  if (is_no_id || (answer && answer->size() == 0)) {
    return failure{error_class::not_found, "no " + what};
  }
  return answer ? ok() : void_result{answer.error()};
}

}  // namespace stayler::adapters
