// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/caller_keys/caller_keys.hpp"
#include "http/api/access/rate_limiter.hpp"
#include "http/api/router.hpp"

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// Lets a call through to its endpoint, or turns it away: 401 without a known key, 403 where the
/// key's role does not suffice or the route is closed to keys that name users, 429 where its caller
/// calls too often. A known key draws from a bucket of its own, whatever address it comes from; all
/// others draw from that of their address, and a wrong key costs more. For any thread.
class authorizer {
 public:
  using time_point = rate_limiter::time_point;

  /// `keys`: at least one.
  authorizer(std::vector<adapters::caller_key> keys, rate_rule rule);

  access_decision admit(const request& req, std::string_view route, time_point now);

  /// Takes from the bucket of the caller's key what its call costs besides, as a batch of jobs
  /// does.
  void charge(const caller& caller, double calls, time_point now);

  /// True where the call shows a known key: only of those is a body read.
  [[nodiscard]] bool knows(const request& head) const;

 private:
  [[nodiscard]] access_decision authorize_stranger(
      const request& req, bool has_key, time_point now
  );

  milliseconds take(const std::string& caller, double cost, time_point now);

  std::vector<adapters::caller_key> keys_;
  std::mutex mutex_;  ///< of the limiter: servers admit, endpoints charge
  rate_limiter calls_;
};

}  // namespace stayler::http
