// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_writer.hpp"
#include "adapters/url_rules/url_rules.hpp"
#include "http/api/json/members/json_fields.hpp"
#include "messages/jobs/job_request.hpp"
#include "messages/service/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// What a job gets where its submitter says nothing, and how far the submitter may go.
struct job_rules {
  std::uint32_t default_max_retries = 3;
  std::uint32_t max_max_retries = 3;
  milliseconds default_timeout{600'000};
  adapters::url_rules image_urls{};  ///< which URLs may stand for images
  timestamp latest_start = timestamp::max();
  adapters::url_rules webhook_urls{};  ///< where a job's notifications may go
};

/// How many days ahead a job may be scheduled: what waits holds a place of the queue.
inline constexpr int most_days_ahead = 366;

job_rules job_rules_from(const settings& config, timestamp now);

/// A job request as it was read. Where there are problems, the request is of no use.
struct parsed_job_request {
  job_request request;
  std::vector<field_problem> problems;
  // As the submitter has said: the request has what they are without, which may change.
  std::optional<std::uint64_t> max_retries;
  std::optional<milliseconds> timeout;
};

/// Reads the body of POST /worker/jobs. A text that is no JSON is a problem of the field "body".
parsed_job_request parse_job_request(std::string_view body, const job_rules& rules);

/// The same for a job within a body.
parsed_job_request read_job_request(const adapters::json_value& from, const job_rules& rules);

/// Writes the payload as an object, in the form in which it is read.
void write_payload(adapters::json_writer& json, const job_request& request);

/// An image that a job names, and the field in which it does.
struct named_image {
  std::string field;
  std::string id;
};

/// The stored images that have to exist for the job to succeed.
std::vector<named_image> images_of(const job_request& request);

}  // namespace stayler::http
