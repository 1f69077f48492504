// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"

namespace stayler::cli {

/// `submit --batch FILE`: submits a job for each row, waits for all, and writes what they have
/// made. What is known is kept in a results file, so that the same command goes on where it was
/// interrupted, and submits no row twice (docs/decisions/0071). The exit code: done, done_in_part,
/// or where no row is done that of the last one that was not.
int run_batch(command_context& context);

}  // namespace stayler::cli
