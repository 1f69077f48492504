// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/s3/sigv4.hpp"
#include "messages/base/result.hpp"

#include <chrono>
#include <memory>

namespace stayler::adapters {

/// Knows the key that calls are signed with, which may change while the service runs. Safe from any
/// thread.
class credentials_source {
 public:
  virtual ~credentials_source() = default;

  /// The key to sign with now. Waits, until the deadline at most, only where there is none that
  /// still holds. unavailable, with the reason, which holds no secret.
  virtual result<aws_credentials> get(std::chrono::steady_clock::time_point deadline) = 0;

  /// The store has refused this key. True where another may come of it: get() then asks for it.
  virtual bool renew(const aws_credentials& refused) = 0;
};

/// This key, always.
std::shared_ptr<credentials_source> make_fixed_credentials(aws_credentials key);

}  // namespace stayler::adapters
