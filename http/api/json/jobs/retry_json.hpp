// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/submission.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// Which dead letters are to be retried. Where there are problems, the filter is of no use.
struct parsed_job_filter {
  job_filter filter;
  std::vector<field_problem> problems;
};

/// Reads the body of POST /worker/dead-letters/retry: a filter, or nothing for all.
parsed_job_filter parse_job_filter(std::string_view body);

/// The answer to it.
std::string render_retry_report(const retry_report& report);

}  // namespace stayler::http
