// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/sim_state.hpp"
#include "http/server/message.hpp"

#include <string_view>

namespace stayler::sim {

/// True for the paths under /sim, which are not part of the API.
bool is_control_path(std::string_view path) noexcept;

/// Answers /sim/faults, /sim/stats, /sim/calls and /sim/reset. Errors are problem+json.
http::response control(sim_state& state, const http::request& request);

}  // namespace stayler::sim
