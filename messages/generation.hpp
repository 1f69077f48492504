// SPDX-License-Identifier: MIT
#pragma once

#include "messages/image.hpp"
#include "messages/job.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler {

/// Tokens of one provider call, as the provider counted them.
struct token_usage {
  std::uint64_t prompt_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::uint64_t thought_tokens = 0;
  std::uint64_t total_tokens = 0;
  std::uint64_t prompt_image_tokens = 0;
  std::uint64_t output_image_tokens = 0;

  friend bool operator==(const token_usage&, const token_usage&) = default;
};

/// One picture to be generated. Local to a process: it holds image bytes.
struct generation_request {
  attempt_id attempt;  ///< also the handle by which the call is aborted
  std::string prompt;
  std::vector<encoded_image> images;  ///< in the order in which the prompt speaks of them
  std::string aspect_ratio;           ///< empty: left to the model
  std::string image_size;             ///< "1K", "2K" or "4K"; empty: the model's default
  milliseconds deadline{0};           ///< for the call with all its re-sends; 0: the configured one
};

/// What came back. Local to a process.
struct generation_result {
  shared_bytes image;
  std::string mime_type;  ///< as the provider says; the bytes are what counts
  token_usage usage;
  std::string model_version;
  std::string response_id;
};

/// How the provider connection stands.
struct provider_status {
  std::uint32_t calls_in_flight = 0;
  std::uint64_t calls = 0;
  std::uint64_t failed_calls = 0;
  failure last_error;  ///< none after a success
  timestamp last_success;
  timestamp last_failure;

  friend bool operator==(const provider_status&, const provider_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, provider_status& x) {
  return f(
      x.calls_in_flight, x.calls, x.failed_calls, x.last_error, x.last_success, x.last_failure
  );
}

}  // namespace stayler
