// SPDX-License-Identifier: MIT
#pragma once

// What the tests of signed links and sessions have in common.

#include "adapters/caller_keys/caller_keys.hpp"
#include "adapters/clock/wall_clock.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace stayler::test {

/// Stands still until it is moved.
class standing_clock final : public adapters::wall_clock {
 public:
  [[nodiscard]] timestamp now() const override { return now_; }
  void advance(milliseconds step) { now_ += step; }

 private:
  timestamp now_{std::chrono::hours{24}};
};

inline const std::string shared_secret(32, 's');

inline adapters::caller_key signing_key(const std::string& name, std::uint8_t hash = 1) {
  adapters::caller_key key;
  key.name = name;
  key.hash.fill(hash);
  return key;
}

}  // namespace stayler::test
