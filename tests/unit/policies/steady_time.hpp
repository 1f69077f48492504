// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/jobs/job.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace stayler::test {

using clock_time = std::chrono::steady_clock::time_point;

/// When a test begins: not at the clock's own beginning, so that a past is representable.
inline constexpr clock_time start{std::chrono::hours{1}};

/// A time of the calendar, as RFC 3339.
inline timestamp date(std::string_view text) {
  return *parse_rfc3339(text);
}

/// Some job's attempt, told apart by its token.
inline attempt_id attempt(std::uint64_t token) {
  return {job_id{}, fencing_token{token}};
}

}  // namespace stayler::test
