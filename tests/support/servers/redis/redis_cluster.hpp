// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/connection/redis_connection.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::test {

/// Says one command to a server, over a connection of its own; the server has to take it.
adapters::redis_reply tell_redis(
    std::uint16_t port, std::initializer_list<std::string_view> command
);

/// Asks again until it holds; the test fails, naming it, where that takes longer than 60 s.
void wait_for_redis(std::string_view what, const std::function<bool()>& holds_now);

/// Waits until the replica has all that its master has now: what it has not is lost with a master
/// that is killed, for Redis replicates after it has answered.
void wait_for_replica(std::uint16_t master_port, std::uint16_t replica_port);

/// A real cluster on loopback: three masters, and a replica of the one that owns a key.
class redis_cluster {
 public:
  explicit redis_cluster(const std::string& key);

  [[nodiscard]] redis_process& owner() { return *nodes_[owner_]; }
  [[nodiscard]] redis_process& replica() { return *nodes_.back(); }
  /// A master that does not own the key.
  [[nodiscard]] redis_process& bystander() { return *nodes_[(owner_ + 1) % masters]; }

  /// True where the bystander says that the server on that port owns the key.
  bool is_owner(std::uint16_t port);

  /// The owner dies when the replica has all that it has.
  void kill_owner();

  /// The replica takes over from its master, which lives on as its replica.
  void hand_over();

  /// The key's slot goes to the bystander: begun, keys are asked for here and there; then all are
  /// there.
  void begin_moving();
  void end_moving();

 private:
  static constexpr std::size_t masters = 3;

  void give_slots();
  void introduce();
  void add_replica();

  std::string key_;
  std::vector<std::uint16_t> bus_ports_;
  std::vector<std::unique_ptr<redis_process>> nodes_;  ///< the masters, then the replica
  std::string slot_;
  std::size_t owner_ = 0;  ///< the master that has the slot at first
};

}  // namespace stayler::test
