// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stayler::policies {

/// What the service will do with a job by itself.
enum class next_action : std::uint8_t {
  none,   ///< nothing: somebody has to retry or drop it
  retry,  ///< another attempt
};

std::string_view to_string(next_action action) noexcept;

/// What comes next for a job that has been tried, and why.
struct next_step {
  next_action action = next_action::none;
  timestamp at;     ///< not before; not set: as soon as it is its turn
  std::string why;  ///< for humans
};

/// Nothing for a job that was never tried, is being worked on, completed or cancelled.
std::optional<next_step> next_step_of(const job& about);

}  // namespace stayler::policies
