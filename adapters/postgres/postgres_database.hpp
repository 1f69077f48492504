// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_connection.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace stayler::adapters {

/// A database, and the one connection to it: made when it is first used, and again after it broke.
/// Calls may come from any thread; one at a time is served. While the database is away calls fail
/// at once, and one tries to connect from time to time. Once a connection has been made, whatever
/// keeps the next from being made is `unavailable`: jobs wait for it, also for a password that is
/// changed.
class postgres_database {
 public:
  /// What is done in one transaction. It may run several times, so it begins from nothing.
  using work = std::function<void_result(postgres_connection&)>;

  explicit postgres_database(postgres_options server) : server_(std::move(server)) {}

  /// Connects now, so that what is wrong with the database shows.
  void_result connect();

  /// Runs one statement, which is its own transaction. Errors: as postgres_connection::execute.
  result<postgres_rows> query(const std::string& sql, const postgres_values& parameters = {});

  /// Runs the work in a transaction (READ COMMITTED): durable on success, else nothing was changed,
  /// but where the answer to the commit was lost: that is not known then. What the server breaks
  /// off in favour of another transaction (deadlock, serialization) is done again.
  void_result transact(const work& what);

 private:
  using moment = std::chrono::steady_clock::time_point;

  void_result reach();
  result<postgres_rows> attempt_query(const std::string& sql, const postgres_values& parameters);
  /// Where each transaction may have another session, a statement has its settings in one alone.
  result<postgres_rows> query_in_transaction(
      const std::string& sql, const postgres_values& parameters
  );
  void_result attempt(const work& what);
  /// What follows a failure, once nothing is asked of the connection any more.
  void conclude(const failure& error, bool must_roll_back);
  /// Leaves a connection that is of no more use; no new one is made for a moment.
  void part(const failure& error);

  postgres_options server_;
  std::mutex mutex_;
  std::optional<postgres_connection> connection_;
  bool was_connected_ = false;
  bool lost_a_race_ = false;  ///< the last attempt was broken off in favour of another transaction
  moment closed_until_{};
  std::chrono::milliseconds pause_{0};  ///< the last one between two connections
  failure last_error_;
};

}  // namespace stayler::adapters
