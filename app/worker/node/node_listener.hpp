// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/quarantine/process_quarantines.hpp"
#include "app/worker/process/process.hpp"

#include <memory>

namespace stayler::app {

/// Adds to the plan what a coordinator needs for nodes to join at NODE_LISTEN, where that is set,
/// and quarantines on loopback, where there are any: its tree, with the actor that knows their
/// certificates, CAF's port on loopback, and a relay before it for each. The files of certificates
/// were checked before (tls_files.hpp).
void_result plan_node_listener(
    const settings& config,
    actors::tree_choices choices,
    std::shared_ptr<adapters::process_quarantines> quarantines,
    process_plan& plan
);

}  // namespace stayler::app
