// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/redis/redis_queue_client.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace stayler::adapters {

inline bool is_maintenance(const store_change& change) {
  return std::visit([]<class Change>(const Change&) { return maintenance<Change>; }, change);
}

/// Performs what concerns many jobs at once. Each change reads before it writes, and leaves alone
/// what another coordinator changes in between. Every failure is that of the connection.
class redis_maintenance {
 public:
  explicit redis_maintenance(redis_queue_client& queue) : queue_(queue) {}

  /// All but a reclaim is for the reaper alone: for other coordinators there is nothing to do.
  void_result perform(const store_change& change, store_reply& reply);

  /// Hands back, as interruptions and for that reason, the leases that are wanted.
  void_result reclaim_if(
      const std::function<bool(const stored_job&)>& is_wanted,
      std::string_view reason,
      store_reply& reply
  );

 private:
  void_result perform_one(const store_op::reclaim& change, store_reply& reply);
  /// Removes what has outlived its retention.
  void_result perform_one(const store_op::purge& change, store_reply& reply);
  /// Compares some jobs with the indexes, from where the last call stopped.
  void_result perform_one(const store_op::verify_indexes& change, store_reply& reply);

  /// The jobs in these states that ended by then, the oldest first.
  result<std::vector<redis_job>> find_oldest(
      std::span<const job_status> statuses, timestamp by, std::size_t most
  );
  /// Removes them; returns how many they were.
  result<std::size_t> remove_oldest(
      std::span<const job_status> statuses, timestamp by, std::size_t most
  );

  redis_queue_client& queue_;
  std::string verified_down_to_;
};

}  // namespace stayler::adapters
