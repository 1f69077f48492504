// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_connection.hpp"
#include "messages/base/result.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// A row of the application's tables as this service writes it.
struct trial_row {
  std::string_view table;
  std::string what;  ///< for humans: "a picture of type 'result'"
  std::span<const std::string_view> columns;
  postgres_values values;  ///< in the order of the columns
  std::function<void_result(postgres_connection&)> write;
};

/// What came of a trial.
struct trial_outcome {
  enum class kind {
    taken,
    refused,
    unclear,  ///< it hangs on rows that are not there, or that are: a user, say
  };
  kind is = kind::taken;
  postgres_error error;  ///< where it was not taken: what the server said
  std::string misfit;  ///< refused: one line that names table, column or rule, and what would help
  bool is_about_written_columns = false;  ///< refused, and no other column has a part in it

  [[nodiscard]] bool is_taken() const noexcept { return is == kind::taken; }
  [[nodiscard]] bool is_refused() const noexcept { return is == kind::refused; }
};

/// Writes the row in the connection's transaction, with all rules that the server would look at no
/// earlier than the commit. It stays for the rest of the transaction only where it is to be kept
/// and was taken. Errors: unavailable and the like, which say nothing of the row.
result<trial_outcome> try_row(postgres_connection& on, const trial_row& row, bool is_kept = false);

/// Does something within the connection's transaction, which goes on as it was where that fails.
/// Errors: of the work, or of the server that could not go back.
void_result try_in_transaction(
    postgres_connection& on, bool is_kept, const std::function<void_result()>& work
);

}  // namespace stayler::adapters
