// SPDX-License-Identifier: MIT
#pragma once

#include "messages/images/image.hpp"
#include "messages/jobs/job.hpp"
#include "messages/provider/result_cache.hpp"
#include "messages/provider/spending.hpp"

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
  bool is_flex = false;  ///< billed as a call that could wait, at half the price

  friend bool operator==(const token_usage&, const token_usage&) = default;
};

/// One picture to be generated. Local to a process: it holds image bytes.
struct generation_request {
  attempt_id attempt;  ///< also the handle by which the call is aborted
  std::string prompt;
  std::vector<encoded_image> images;  ///< in the order in which the prompt speaks of them
  std::string aspect_ratio;           ///< empty: left to the model
  std::string image_size;             ///< "1K", "2K" or "4K"; empty: the model's default
  milliseconds deadline{0};  ///< for waiting and call together; 0: as long as one call may take
  std::string user_id;       ///< whose budget pays
  bool no_cache = false;     ///< neither take an earlier picture nor share one under way
  bool can_wait = false;     ///< made when the provider has room, at half the price
  trace_context trace;       ///< of the attempt
};

/// What came back. Local to a process.
struct generation_result {
  shared_bytes image;
  std::string mime_type;  ///< as the provider says; the bytes are what counts
  token_usage usage;
  std::string model_version;  ///< as the provider says; the model that was asked where it does not
  std::string response_id;
  micro_dollars cost = 0;
  bool is_shared = false;  ///< made for another job, or earlier: this one has paid nothing
  content_hash key{};      ///< what it may be cached by, once it has proved to be a picture
  bool is_cacheable = false;
};

/// Whether the provider is called at all: see policies/provider/circuit_breaker.hpp.
enum class breaker_state : std::uint8_t { closed, open, half_open };

std::string_view to_string(breaker_state state) noexcept;

/// How one of the models stands, of those that may be asked.
struct model_status {
  std::string name;
  breaker_state breaker = breaker_state::closed;
  timestamp retired_until;  ///< the provider does not know it; asked again then. Not set: it does
  std::uint64_t calls = 0;

  friend bool operator==(const model_status&, const model_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, model_status& x) {
  return f(x.name, x.breaker, x.retired_until, x.calls);
}

/// How the provider connection stands.
struct provider_status {
  std::uint32_t calls_in_flight = 0;
  std::uint64_t calls = 0;
  std::uint64_t failed_calls = 0;
  failure last_error;  ///< none after a success
  timestamp last_success;
  timestamp last_failure;
  std::uint32_t calls_waiting = 0;
  std::uint32_t max_in_flight = 0;        ///< the limit on calls, as found so far
  std::uint32_t requests_per_minute = 0;  ///< the quota, as found so far; 0: none was met
  breaker_state breaker = breaker_state::closed;
  timestamp closed_until;            ///< no call is sent before; not set: open
  std::string closed_reason;         ///< why
  std::uint32_t coordinators = 1;    ///< that share the limits, this one among them
  std::string model;                 ///< that calls go to now
  std::vector<model_status> models;  ///< in the order in which they are preferred
  std::uint32_t limit_of_all = 0;    ///< on calls, of all coordinators, as found so far
  std::uint32_t workers_of_all = 0;  ///< that have joined these, as far as each has said
  /// Calls since the start for which a key was refused, or its account used up, and how the last
  /// of them was.
  std::uint64_t refused_keys = 0;
  error_class last_refusal = error_class::none;

  friend bool operator==(const provider_status&, const provider_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, provider_status& x) {
  return f(
      x.calls_in_flight, x.calls, x.failed_calls, x.last_error, x.last_success, x.last_failure,
      x.calls_waiting, x.max_in_flight, x.requests_per_minute, x.breaker, x.closed_until,
      x.closed_reason, x.coordinators, x.model, x.models, x.limit_of_all, x.workers_of_all,
      x.refused_keys, x.last_refusal
  );
}

/// What the provider can take now: for those who give out work.
struct provider_capacity {
  std::uint32_t max_in_flight = 0;  ///< jobs at a time that will call it
  timestamp closed_until;           ///< no job before that time; not set: open
  std::string reason;               ///< why it is closed

  friend bool operator==(const provider_capacity&, const provider_capacity&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, provider_capacity& x) {
  return f(x.max_in_flight, x.closed_until, x.reason);
}

/// A call to the provider that somebody wants to make.
struct call_request {
  attempt_id attempt;
  std::string user_id;         ///< whose budget pays
  micro_dollars most = 0;      ///< what the call may cost
  milliseconds time_left{0};   ///< for waiting and call together
  bool requeue_first = false;  ///< it repeats a call that came to nothing: ahead of those who wait

  friend bool operator==(const call_request&, const call_request&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, call_request& x) {
  return f(x.attempt, x.user_id, x.most, x.time_left, x.requeue_first);
}

/// One call may be made now, with this key and to this model. The key itself never travels: see
/// key_id_of() in adapters/gemini/provider_keys.hpp.
struct call_permit {
  std::string key_id;
  std::string model;  ///< to be asked; empty: the node's own GEMINI_MODEL

  friend bool operator==(const call_permit&, const call_permit&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, call_permit& x) {
  return f(x.key_id, x.model);
}

/// What became of a call that was permitted, or wanted.
struct call_outcome {
  attempt_id attempt;
  std::string user_id;
  bool was_made = false;    ///< false: nobody is to learn or to pay anything
  failure error;            ///< none for a picture; a 429 or 503 with the time it asks to wait
  spending cost;            ///< to be booked; no calls: nothing
  bool could_wait = false;  ///< it was sent for when there is room: that there was none says
                            ///< nothing of other calls

  friend bool operator==(const call_outcome&, const call_outcome&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, call_outcome& x) {
  return f(x.attempt, x.user_id, x.was_made, x.error, x.cost, x.could_wait);
}

}  // namespace stayler
