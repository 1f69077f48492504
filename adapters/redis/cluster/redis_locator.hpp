// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/connection/redis_connection.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stayler::adapters {

/// Finds the server that takes commands now: of a cluster the owner of a key's slot, of what
/// Sentinels watch the master, of several addresses the one that is no replica. Asked again after
/// each connection that was lost, it finds the successor. Of one thread.
class redis_locator {
 public:
  /// All keys that will be used have the hash tag of `key`, so that one server owns them. Without a
  /// key any node of a cluster will do, as it does for pub/sub.
  explicit redis_locator(redis_options options, std::string key = {});

  /// A connection to that server, logged in. Takes some seconds at most, also where several servers
  /// hang; the next call goes on with those that were not tried. As redis_connection::open();
  /// invalid_input also where the Sentinels do not know the service.
  result<redis_connection> connect();

 private:
  result<redis_connection> connect_by(const redis_address& known);
  result<redis_connection> connect_by_sentinel(const redis_address& sentinel);
  result<redis_connection> follow(redis_address to);
  /// The node that owns the key; nothing where it is this one.
  [[nodiscard]] result<std::optional<redis_address>> find_owner(
      redis_connection& connection, const redis_address& here
  ) const;
  void learn_nodes(redis_connection& connection, const redis_address& here);
  [[nodiscard]] redis_options options_for(const redis_address& address) const;

  redis_options options_;
  std::string key_;
  /// Whom to ask, the best first: the configured addresses, and nodes of the cluster.
  std::vector<redis_address> known_;
  bool has_connected_ = false;
};

/// Why a service that runs cannot get to its Redis: whatever it is, it waits for that to end.
failure as_outage(failure why);

}  // namespace stayler::adapters
