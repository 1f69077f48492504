// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/children/child_table.hpp"
#include "actors/supervision/supervision_tree.hpp"
#include "messages/service/events.hpp"
#include "messages/service/status.hpp"

namespace stayler::actors {

/// The children as GET /worker/tree shows them; what concerns the whole service is left to the
/// caller.
tree_status describe_tree(const service_tree& tree, child_table& children);

/// The children as the metrics count them.
tree_report report_tree(const child_table& children);

}  // namespace stayler::actors
