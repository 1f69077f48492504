// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_reader.hpp"
#include "app/cli/output/time_texts.hpp"

#include <string>
#include <vector>

namespace stayler::cli {

/// `waiting` of a job in a few words: "behind 12 others".
std::string short_waiting_text(const adapters::json_value& waiting);

/// Why a job is where it is, and what would help.
struct explanation {
  std::string what;                ///< one sentence
  std::vector<std::string> facts;  ///< what is known besides: place, estimate, error
  std::string next;                ///< what the service will do by itself
  std::vector<std::string> help;   ///< commands, each with what it does
};

/// Explains a job as the API shows it. Times are shown relative to `now`.
explanation explain_job(const adapters::json_value& job, timestamp now);

/// A provider's breaker in words: "closed" alone reads as if nothing went through.
std::string explain_breaker(const std::string& state);

/// "1 job", "2 jobs".
std::string count_jobs_text(std::int64_t count);

}  // namespace stayler::cli
