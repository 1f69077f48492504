// SPDX-License-Identifier: MIT
#pragma once

// Jobs as the HTTP API reads and shows them.

#include "adapters/image_source/image_url.hpp"
#include "messages/jobs/job.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/submission.hpp"
#include "messages/service/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// What a job gets where its submitter says nothing, and how far the submitter may go.
struct job_rules {
  std::uint32_t default_max_retries = 3;
  std::uint32_t max_max_retries = 3;
  milliseconds default_timeout{600'000};
  adapters::image_url_rules image_urls{};  ///< which URLs may stand for images
};

job_rules job_rules_from(const settings& config);

/// A job request as it was read. Where there are problems, the request is of no use.
struct parsed_job_request {
  job_request request;
  std::vector<field_problem> problems;
};

/// Reads the body of POST /worker/jobs. A text that is no JSON is a problem of the field "body".
parsed_job_request parse_job_request(std::string_view body, const job_rules& rules);

/// Reads the body of POST /worker/jobs/batch: {"jobs": [...]}. `problems` are those of the whole;
/// each job has its own.
struct parsed_job_batch {
  std::vector<parsed_job_request> jobs;
  std::vector<field_problem> problems;
};
inline constexpr std::size_t max_batch_jobs = 1'000;
parsed_job_batch parse_job_batch(std::string_view body, const job_rules& rules);

/// Reads the body of POST /worker/dead-letters/retry: a filter, or nothing for all.
struct parsed_job_filter {
  job_filter filter;
  std::vector<field_problem> problems;
};
parsed_job_filter parse_job_filter(std::string_view body);

/// An image that a job names, and the field in which it does.
struct named_image {
  std::string field;
  std::string id;
};

/// The stored images that have to exist for the job to succeed.
std::vector<named_image> images_of(const job_request& request);

std::string render_job(const job& shown);
/// What became of each job of a batch, in order.
std::string render_batch(std::string_view batch_id, const std::vector<submit_answer>& answers);
std::string render_retry_report(const retry_report& report);
std::string render_job_page(const job_page& page);

}  // namespace stayler::http
