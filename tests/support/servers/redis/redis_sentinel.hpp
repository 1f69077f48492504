// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/programs/service_process.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace stayler::test {

/// A real Redis with a replica, watched by a real Sentinel that knows them as "main" and has the
/// replica take over half a second after the master has gone.
class redis_sentinel {
 public:
  redis_sentinel();

  [[nodiscard]] redis_process& master() { return master_; }
  /// Ends it with kill -9, once the replica has all that it has answered.
  void kill_master();
  [[nodiscard]] redis_process& replica() { return *replica_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// redis+sentinel://...; the first of its Sentinels does not answer.
  [[nodiscard]] std::string url() const;

  /// The port of the server that the Sentinel says is the master.
  [[nodiscard]] std::uint16_t master_port() const;

 private:
  std::filesystem::path write_settings();

  temporary_folder folder_;
  std::uint16_t port_;
  redis_process master_{{"--repl-diskless-sync-delay", "0"}};
  std::unique_ptr<redis_process> replica_;
  std::unique_ptr<service_process> sentinel_;
};

}  // namespace stayler::test
