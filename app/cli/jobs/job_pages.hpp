// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"
#include "app/cli/filters/job_filter.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace stayler::cli {

/// Jobs of a listing, page by page.
struct job_pages {
  std::vector<adapters::json_value> jobs;
  std::string next_cursor;  ///< empty: these are all
};

/// Asks for pages of `path` ("/worker/jobs") until there are so many jobs, or no more.
job_pages read_job_pages(
    command_context& context, const std::string& path, const job_filter& filter, std::size_t most
);

/// Lists jobs as `list` and `dead list` do: a table, ids or JSON, and on stderr what is missing.
int list_jobs(command_context& context, const std::string& path);

/// The flags of such a list.
std::vector<flag_spec> job_list_flags();

}  // namespace stayler::cli
