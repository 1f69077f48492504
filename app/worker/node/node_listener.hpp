// SPDX-License-Identifier: MIT
#pragma once

#include "app/worker/process/process.hpp"

namespace stayler::app {

/// Adds to the plan what a coordinator needs for nodes to join at NODE_LISTEN: its tree, with the
/// actor that knows their certificates, CAF's port on loopback, and the relay before it. The files
/// of certificates were checked before (tls_files.hpp).
void_result plan_node_listener(
    const settings& config, actors::tree_choices choices, process_plan& plan
);

}  // namespace stayler::app
