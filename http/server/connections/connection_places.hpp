// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace stayler::http {

/// How many connections there may be at a time.
struct connection_limits {
  std::size_t in_all = 10'000;
  std::size_t per_network = 0;  ///< of one address, as network_of() says; 0: no bound of its own
};

/// How many connections fit into a process that may open so many descriptors: half of them, as jobs
/// need files and connections too, and 10,000 at most.
std::size_t connections_for(std::uint64_t descriptors) noexcept;

/// Counts the connections of a server, in all and by network.
class connection_places {
 public:
  enum class admission : std::uint8_t {
    welcome,
    all_taken,
    network_has_enough  ///< and keeps them: others would pay for a place that is freed
  };

  explicit connection_places(connection_limits limits) : limits_(limits) {}

  /// An empty network is nobody's: only all connections are counted then.
  [[nodiscard]] admission judge(const std::string& network) const;

  /// A connection that is served, until it leaves.
  void enter(const std::string& network);
  void leave(const std::string& network);

  /// Whether there is room for another connection that is only told that it cannot be served.
  [[nodiscard]] bool may_refuse() const noexcept;
  void begin_refusal() noexcept { ++refusals_; }
  void end_refusal() noexcept { --refusals_; }

 private:
  connection_limits limits_;
  std::size_t served_ = 0;
  std::size_t refusals_ = 0;
  std::unordered_map<std::string, std::size_t> by_network_;
};

}  // namespace stayler::http
