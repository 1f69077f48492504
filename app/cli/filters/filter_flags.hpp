// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"
#include "app/cli/filters/job_filter.hpp"
#include "app/cli/table/command_spec.hpp"

#include <span>
#include <string>
#include <vector>

namespace stayler::cli {

/// The flags that say the same as filter words: `--status failed` for `status:failed`.
std::vector<flag_spec> filter_flags();

/// The argument FILTER... of commands that select jobs.
argument_spec filter_argument();

/// What these words and the command's filter flags select. Throws command_error (usage).
job_filter filter_of(const command_context& context, std::span<const std::string> words);

}  // namespace stayler::cli
