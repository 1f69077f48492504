// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/doctor/finding.hpp"

#include <vector>

namespace stayler::cli {

/// Looks at a running service from outside: address, key, clocks, certificate, each part's health,
/// dispatch, workers, provider, money, notifications, disk. Changes nothing.
std::vector<finding> check_service(command_context& context);

/// What a part of GET /health says, and what to do about it. Of a part that is not known the state
/// alone.
finding judge_part(std::string_view part, std::string_view state, std::string_view message);

/// How far the service's clock is from this one's. `took` is how long the question has been under
/// way.
finding judge_clocks(timestamp here, timestamp there, milliseconds took);

}  // namespace stayler::cli
