// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/doctor/finding.hpp"

#include <vector>

namespace stayler::cli {

/// How the service's work goes: dispatch, workers, provider, budget, dead letters, notifications,
/// web hook, disk. What the key may not see is skipped.
void check_work(command_context& context, std::vector<finding>& into);

/// How full the disk under a folder of this machine is. Skipped where there is no such folder.
finding check_disk(const std::string& folder);

}  // namespace stayler::cli
