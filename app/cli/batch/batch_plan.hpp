// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/batch/batch_log.hpp"
#include "app/cli/command_context.hpp"

#include <string>
#include <vector>

namespace stayler::cli {

/// A row of a batch, and how far it is.
struct batch_job {
  parsed_line given;   ///< the command line with the row's own words in front
  std::string output;  ///< the file for its result; empty: the folder has it, or none is wanted
  batch_entry entry;
};

/// Reads the rows of --batch, each checked as if it had been said on the command line: what is
/// wrong with one is said before anything is sent. Their entries are empty. Throws command_error
/// (usage).
std::vector<batch_job> read_batch(const command_context& context);

/// Gives each job its key, and what the log knows under it. Rows that say the same are told apart
/// by their order.
void find_entries(std::vector<batch_job>& jobs, const batch_log& log);

}  // namespace stayler::cli
