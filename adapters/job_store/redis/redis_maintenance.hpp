// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/redis/redis_queue.hpp"

#include <functional>
#include <string>

namespace stayler::adapters {

/// The changes that concern many jobs at once. Each reads before it writes, and leaves alone what
/// another coordinator changes in between. Every failure is that of the connection.
class redis_maintenance {
 public:
  explicit redis_maintenance(redis_queue& queue) : queue_(queue) {}

  /// Hands back, as interruptions, the leases that are wanted.
  void_result take_back(
      const std::function<bool(const stored_job&)>& is_wanted, store_reply& reply
  );

  /// Removes what has outlived its retention.
  void_result remove_outdated(const store_op::purge& sweep, store_reply& reply);

  /// Compares some jobs with the indexes, from where the last audit stopped.
  void_result audit_some();

 private:
  /// The oldest of those that ended by then; returns how many they were.
  result<std::size_t> remove(job_status status, timestamp finished_by, std::size_t most);

  redis_queue& queue_;
  std::string audited_down_to_;
};

}  // namespace stayler::adapters
