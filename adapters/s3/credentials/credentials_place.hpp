// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/s3/sigv4.hpp"
#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <optional>
#include <stop_token>

namespace stayler::adapters {

/// A temporary key as it was given out.
struct issued_credentials {
  aws_credentials key;
  std::optional<timestamp> expires_at;  ///< none: it does not say
};

/// Where temporary keys are given out. One thread at a time.
class credentials_place {
 public:
  virtual ~credentials_place() = default;

  /// Asks for a key. Blocks, for some seconds at most, or until it is told to stop. unavailable,
  /// with the reason, which holds nothing of what was answered.
  virtual result<issued_credentials> fetch(const std::stop_token& stop) = 0;
};

}  // namespace stayler::adapters
