// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"

#include <string>

namespace stayler::cli {

/// Follows a job until it has ended, with its progress on stderr, and gives the answer that shows
/// it then. Throws command_error: not_found at once, out_of_time after --wait, interrupted; these
/// say how to go on.
api_answer follow_job(command_context& context, const std::string& id);

/// True for completed, failed and cancelled.
bool is_final_status(std::string_view status);

/// Ends the command with job_failed where the job has not completed.
void expect_completed(const adapters::json_value& job);

/// "4.8 s, $0.039" or "0.2 s, from the cache": what a job took and cost.
std::string describe_effort(const adapters::json_value& job);

}  // namespace stayler::cli
