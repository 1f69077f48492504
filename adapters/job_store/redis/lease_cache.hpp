// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/redis/redis_job_value.hpp"

#include <unordered_map>
#include <utility>

namespace stayler::adapters {

/// The jobs whose lease this process was given, as they last were in Redis to its knowledge. What a
/// worker reports of such a job needs no reading first: the script compares versions anyway, and
/// what proves to be outdated is removed from here and read.
class lease_cache {
 public:
  /// The lease was given, or its job was changed.
  void put(redis_job leased) {
    const job_id id = leased.stored.value.id;
    jobs_.insert_or_assign(id, std::move(leased));
  }

  void remove(const job_id& id) { jobs_.erase(id); }
  void clear() { jobs_.clear(); }

  /// The job under just that lease, null where it is not known.
  [[nodiscard]] const redis_job* find(const attempt_id& attempt) const {
    const auto found = jobs_.find(attempt.job);
    const bool is_known = found != jobs_.end() && found->second.stored.value.token == attempt.token;
    return is_known ? &found->second : nullptr;
  }

 private:
  std::unordered_map<job_id, redis_job> jobs_;
};

}  // namespace stayler::adapters
