// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_url.hpp"
#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;
struct pg_result;

namespace stayler::adapters {

struct postgres_host;

/// A parameter of a statement as text, for the server to read as the type that it takes in that
/// place; nothing is NULL.
using postgres_value = std::optional<std::string>;
using postgres_values = std::vector<postgres_value>;

inline postgres_value to_postgres(timestamp time) {
  return to_rfc3339(time);
}
inline postgres_value to_postgres(std::uint64_t number) {
  return std::to_string(number);
}
/// NULL where the text is empty.
postgres_value text_or_null(const std::string& text);
/// A text[] of these texts, or whatever they are cast to.
std::string postgres_array(const std::vector<std::string>& elements);

/// The answer to a statement. Rows and columns count from 0; NULL reads as empty or 0.
class postgres_rows {
 public:
  explicit postgres_rows(pg_result* rows) noexcept : rows_(rows) {}

  [[nodiscard]] std::size_t size() const noexcept;
  /// Rows that an INSERT, UPDATE or DELETE has touched.
  [[nodiscard]] std::uint64_t changed() const noexcept;
  [[nodiscard]] std::string text(std::size_t row, int column) const;
  [[nodiscard]] std::int64_t number(std::size_t row, int column) const noexcept;
  /// A time that the statement gives as Unix milliseconds.
  [[nodiscard]] timestamp time(std::size_t row, int column) const noexcept {
    return timestamp{milliseconds{number(row, column)}};
  }

 private:
  struct closer {
    void operator()(pg_result* rows) const noexcept;
  };
  [[nodiscard]] std::string_view view(std::size_t row, int column) const noexcept;

  std::unique_ptr<pg_result, closer> rows_;
};

/// What an SQLSTATE means: a server that is away, starting, stopping, read-only or busy is
/// unavailable; a full disk or memory store_full; a refused login authentication; a missing right
/// permission; a value that a table does not take invalid_input; one that is there already
/// conflict; all else internal_bug.
error_class class_of_sqlstate(std::string_view state) noexcept;

/// What a server has said of a statement that failed, in its own terms. The names are of what was
/// at fault, and empty where the server names nothing.
struct postgres_error {
  std::string state;  ///< the SQLSTATE
  std::string table;
  std::string column;
  std::string constraint;
  std::string text;  ///< in the server's language
};

/// A connection of one thread. No call waits longer than the options say. Messages hold what the
/// server said, never the URL.
class postgres_connection {
 public:
  /// Connects and logs in, at the first of the URL's hosts that is there and lets us in; of several
  /// only at one that takes writes, unless the URL says otherwise. unavailable; authentication
  /// where the login is refused.
  static result<postgres_connection> open(const postgres_options& options);

  /// Runs one statement. Errors: by class_of_sqlstate; unavailable where the connection broke or no
  /// answer came in time: then it is not known whether the statement took place.
  result<postgres_rows> execute(const std::string& sql, const postgres_values& parameters = {});

  /// Begins a transaction (READ COMMITTED), in which the options' settings are in force. COMMIT or
  /// ROLLBACK ends it. Errors: as execute.
  void_result begin();

  /// True where a pooler may give each transaction another session: then a statement outside of a
  /// transaction has none of the options' settings.
  [[nodiscard]] bool is_pooled() const noexcept { return is_pooled_; }

  /// False once the connection is of no more use, also where the server has closed it meanwhile.
  [[nodiscard]] bool is_usable();

  /// What the server said of the last statement; empty where it took place, and where the server
  /// said nothing.
  [[nodiscard]] const postgres_error& last_error() const noexcept { return last_error_; }

 private:
  using moment = std::chrono::steady_clock::time_point;
  struct closer {
    void operator()(pg_conn* connection) const noexcept;
  };
  explicit postgres_connection(pg_conn* connection) noexcept : connection_(connection) {}

  static result<postgres_connection> open_at(
      const postgres_options& options, const postgres_host& host, bool is_one_of_several
  );
  void_result log_in(const postgres_options& options);
  void_result set_up(const postgres_options& options);
  /// True once the socket is ready for one of these events of poll(); false where it is not in
  /// time.
  [[nodiscard]] bool wait_for(short events, moment deadline) const;
  bool send_all(moment deadline);
  bool receive_all(moment deadline);
  result<postgres_rows> read_result();
  failure refused_login();
  failure broken(std::string_view what);

  std::unique_ptr<pg_conn, closer> connection_;
  milliseconds answer_timeout_{0};
  postgres_values settings_;  ///< what a pooled connection has to say in each transaction
  postgres_error last_error_;
  bool is_pooled_ = false;
  bool is_broken_ = false;
};

}  // namespace stayler::adapters
