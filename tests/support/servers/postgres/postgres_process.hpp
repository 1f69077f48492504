// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/child_process.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace stayler::test {

/// A real PostgreSQL server on a free loopback port, with a cluster of its own in a temporary
/// folder and one user, who needs a password. Runs as the user postgres where the test runs as
/// root, which PostgreSQL refuses. Ends with the object.
class postgres_process {
 public:
  static constexpr std::string_view user = "ann";
  static constexpr std::string_view password = "s3cret-word";

  /// The test fails with apt's line where there is no PostgreSQL. With a `network` (10.0.0.0/24) it
  /// listens on all addresses, and lets the user in from there, too.
  explicit postgres_process(std::string network = {});
  /// What makes a hot standby of that server, which follows it by streaming until it is promoted.
  struct standby_of {
    const postgres_process& primary;
  };
  explicit postgres_process(standby_of what);
  postgres_process(const postgres_process&) = delete;
  postgres_process& operator=(const postgres_process&) = delete;
  ~postgres_process();

  /// The URL of a database, with user and password.
  [[nodiscard]] std::string url(
      const std::string& database = "postgres", std::string_view with_password = password
  ) const;

  /// Makes an empty database; its URL.
  std::string new_database();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// Makes a standby take writes; waits until it does.
  void promote() const;
  /// Orderly, but without waiting for its clients; waits for the end.
  void stop();
  /// kill -9 of all its processes, and waits for the end.
  void kill9();
  /// Starts again on the same port with the same data, and waits until it serves.
  void start();
  void pause() const;   ///< SIGSTOP: connections stay open, nothing is answered
  void resume() const;  ///< SIGCONT

 private:
  [[nodiscard]] pid_t launch(std::vector<std::string> arguments) const;
  void run_to_end(std::vector<std::string> arguments) const;
  void make_cluster();
  [[nodiscard]] bool serves() const;
  void signal_all(int number) const;
  void end(int signal);

  std::string network_;
  temporary_folder folder_;
  std::string programs_;  ///< the folder of initdb and postgres
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
  int databases_ = 0;
};

}  // namespace stayler::test
