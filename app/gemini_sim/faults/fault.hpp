// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/requests/google_error.hpp"
#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stayler::sim {

/// What a fault does to a call.
enum class fault_effect : std::uint8_t {
  error,          ///< an error in Google's form
  html,           ///< an error page of some proxy
  delay,          ///< the right answer, later
  slow_body,      ///< the right answer, its body in small pieces
  hang,           ///< no answer at all
  reset,          ///< the connection is reset
  truncate,       ///< the connection closes in mid-body
  broken_json,    ///< a body that ends in mid-JSON
  no_picture,     ///< 200 without a picture, with a finishReason
  text_only,      ///< 200, STOP, words instead of a picture
  prompt_block,   ///< 200, promptFeedback, no candidates
  no_candidates,  ///< 200, an empty list
  bad_image,      ///< a picture whose bytes do not decode
  flat_image,     ///< a picture of one colour
  echo_image,     ///< the first input again
  tiny_image,     ///< the right picture, too small to be of use
  thought_only,   ///< a draft, never the picture
  draft_first,    ///< a draft, then the picture
};

/// A row of the table of faults.
struct fault_kind {
  std::string_view name;
  fault_effect effect = fault_effect::error;
  unsigned http_status = 200;
  std::string_view code;  ///< google.rpc.Code, finishReason or blockReason
  std::string_view message;
};

/// A fault to be played.
struct fault {
  const fault_kind* kind = nullptr;
  milliseconds duration{0};                 ///< of a delay or a slow body
  std::string code;                         ///< replaces the kind's code
  std::optional<milliseconds> retry_delay;  ///< for RetryInfo
};

/// All kinds, for --help and error messages.
std::span<const fault_kind> fault_kinds() noexcept;

/// Reads "429", "latency=2s", "finish=LANGUAGE". Errors: invalid_input that lists the kinds.
result<fault> parse_fault(std::string_view text);

/// The error that a fault with the effect `error` answers, for calls of that model.
google_error to_error(const fault& what, std::string_view model);

/// The error of a real quota: PerMinute or PerDay.
google_error quota_error(
    std::string_view quota_id, std::string_view model, unsigned long limit, milliseconds retry_delay
);

}  // namespace stayler::sim
