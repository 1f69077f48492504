// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"
#include "app/cli/output/text_table.hpp"

#include <string>
#include <vector>

namespace stayler::cli {

/// A table of jobs, as `out` shows it. Throws command_error (usage) for a column that there is not.
std::string render_jobs(
    const command_context& context,
    const console& out,
    const std::vector<adapters::json_value>& jobs,
    const std::vector<std::string>& columns
);

/// All that is worth knowing of one job.
std::string render_job(const command_context& context, const adapters::json_value& job);

/// The colour of a status.
colour colour_of_status(std::string_view status);

}  // namespace stayler::cli
