// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::cli {

/// A job as `submit` asks for it; what is empty is not said.
struct job_request {
  std::string type = "image_conversion";
  std::string conversion;
  std::string user;
  std::string person;   ///< a picture's id or URL
  std::string garment;  ///< the same
  std::string picture;  ///< of image_processing
  /// Of a conversion, by their names in JSON.
  std::vector<std::pair<std::string, std::string>> options;
  bool no_cache = false;
  std::vector<std::string> operations;  ///< of image_processing: "resize:800x600:cover"
  std::string priority;                 ///< low, normal, high, urgent or a number
  std::string urgency;
  std::string run_at;  ///< RFC 3339
  std::optional<long> retries;
  std::string timeout;
};

/// The body of POST /worker/jobs. Throws command_error (usage) where a priority or an operation is
/// none.
std::string render_job_request(const job_request& request);

/// When a job is to run: "10m" (from now), "2026-11-28T09:00:00Z", or a date. Throws command_error
/// (usage).
std::string read_run_at(std::string_view text, timestamp now);

}  // namespace stayler::cli
