// SPDX-License-Identifier: MIT
#pragma once

#include "http/api/json/jobs/job_request_json.hpp"
#include "messages/jobs/submission.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

inline constexpr std::size_t max_batch_jobs = 1'000;

/// A batch of job requests as it was read. `problems` are those of the whole; each job has its own.
struct parsed_job_batch {
  std::vector<parsed_job_request> jobs;
  std::vector<field_problem> problems;
};

/// Reads the body of POST /worker/jobs/batch: {"jobs": [...]}.
parsed_job_batch parse_job_batch(std::string_view body, const job_rules& rules);

/// What became of each job of a batch, in order.
std::string render_batch(std::string_view batch_id, const std::vector<submit_answer>& answers);

}  // namespace stayler::http
