// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

namespace stayler::test {

class service_stack;

/// Calls that the sim has answered: with a picture, and because a quota was used up.
struct quota_use {
  std::int64_t accepted = 0;
  std::int64_t refused = 0;
};

/// Lets the first minute pass, in which a quota that nobody knows goes in a few seconds: returns
/// once the sim has taken more calls than one minute allows.
void wait_for_second_minute(const service_stack& stack, std::int64_t per_minute);

/// The calls that the sim answers within that time, from now on.
quota_use use_within(const service_stack& stack, std::chrono::seconds time);

}  // namespace stayler::test
