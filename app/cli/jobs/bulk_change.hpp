// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"
#include "app/cli/filters/job_filter.hpp"

#include <string>

namespace stayler::cli {

/// A change of all jobs that match.
struct bulk_change {
  std::string action;  ///< retry, cancel or drop
  job_filter filter = {};
  /// What cannot be undone is confirmed by typing the number of jobs.
  bool cannot_be_undone = false;
};

/// Previews the change by a dry run, asks, does it with the token of that, and shows how far it is
/// until it has ended. With --dry-run it ends after the preview. The exit code: done, or
/// done_in_part where some were refused. Throws command_error.
int change_many(command_context& context, const bulk_change& change);

/// The flags of commands that do that.
std::vector<flag_spec> bulk_flags();

}  // namespace stayler::cli
