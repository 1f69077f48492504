// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/servers/postgres/postgres_process.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace stayler::test {

/// A real PgBouncer in transaction mode before a PostgreSQL server, on a free loopback port, with
/// two sessions for all its clients. Ends with the object.
class pgbouncer_process {
 public:
  /// The test fails with apt's line where there is no PgBouncer.
  explicit pgbouncer_process(const postgres_process& server);
  pgbouncer_process(const pgbouncer_process&) = delete;
  pgbouncer_process& operator=(const pgbouncer_process&) = delete;
  ~pgbouncer_process();

  /// The URL of one of the server's databases through the pooler.
  [[nodiscard]] std::string through(std::string url) const;

 private:
  temporary_folder folder_;
  std::uint16_t server_port_;
  std::uint16_t port_;
  pid_t pid_ = -1;
};

}  // namespace stayler::test
