// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/caller_keys/caller_keys.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace stayler::http {

/// Signs in the name of a key until some time, so that whoever has the same secret can check it and
/// nothing needs to be kept. Another key of the same name does not inherit what was signed. From
/// any thread.
class key_signature {
 public:
  /// `secret`: the same wherever the signatures are to be good; empty: one of this object's own.
  explicit key_signature(std::string secret);

  /// HMAC-SHA256 in hex. `what` has no line end; `expires`: Unix seconds.
  [[nodiscard]] std::string sign(
      std::string_view what, const adapters::caller_key& key, std::string_view expires
  ) const;

  enum class verdict : std::uint8_t { good, expired, forged };

  /// Of a signature that was shown. Whether a forged one was nearly right, its time does not tell.
  [[nodiscard]] verdict check(
      std::string_view what,
      const adapters::caller_key& key,
      std::string_view expires,
      std::string_view shown,
      timestamp now
  ) const;

 private:
  std::string secret_;
};

/// The time in whole Unix seconds, as it is signed.
std::string unix_seconds_text(timestamp time);

}  // namespace stayler::http
