// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/service/settings.hpp"

#include <span>

namespace stayler::app {

/// Photos and keys are in files and in memory: from now on nobody else on the machine reads the
/// former. Without core files, none holds the latter, and no other process of the same user looks
/// in (ptrace, /proc).
void close_to_others(bool allows_core_files);

/// Runs the service, in the role that the settings give it, until a signal or a failure ends it.
/// `ignored` are variables that were set and have no effect, with the reason, for the log. Returns
/// the process's exit code: 0 after an orderly stop, 1 after a failure.
int run_service(const settings& config, std::span<const field_problem> ignored);

}  // namespace stayler::app
