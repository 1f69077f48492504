// SPDX-License-Identifier: MIT
#pragma once

#include "app/worker/process/process.hpp"

namespace stayler::app {

/// Adds to the plan what a coordinator needs for nodes to join at NODE_LISTEN: CAF's port on
/// loopback, and the relay before it.
void plan_node_listener(const settings& config, process_plan& plan);

}  // namespace stayler::app
