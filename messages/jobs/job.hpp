// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/base/time.hpp"
#include "messages/base/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler {

/// What kind of work a job is.
enum class job_type : std::uint8_t { image_conversion, image_processing };

/// Where a job stands. completed, failed and cancelled are final and never change.
enum class job_status : std::uint8_t {
  pending,    ///< may be dispatched now
  scheduled,  ///< waits for its start time or its next attempt
  processing,
  completed,
  failed,  ///< the dead letter queue
  cancelled,
};

/// What a processing job is doing, in the order of the flow.
enum class job_stage : std::uint8_t {
  queued,
  downloading,
  converting,
  processing,
  uploading,
  recording,
  notifying,
  done,
};

std::string_view to_string(job_type type) noexcept;
std::string_view to_string(job_status status) noexcept;
std::string_view to_string(job_stage stage) noexcept;
std::optional<job_type> parse_job_type(std::string_view name) noexcept;
std::optional<job_status> parse_job_status(std::string_view name) noexcept;
std::optional<job_stage> parse_job_stage(std::string_view name) noexcept;

/// True for the states that never change again.
constexpr bool is_final(job_status status) noexcept {
  return status >= job_status::completed;
}

/// Grows by one with each lease of a job. A report that carries an older token than the job's is
/// from a worker that has lost its lease, and is refused.
enum class fencing_token : std::uint64_t {};

/// Names one attempt at one job: the lease that a worker holds, and the key of all it writes.
struct attempt_id {
  job_id job;
  fencing_token token{};

  friend auto operator<=>(const attempt_id&, const attempt_id&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, attempt_id& x) {
  return f(x.job, x.token);
}

/// "<job>-<token>": for logs and keys.
std::string to_string(const attempt_id& id);

/// The id of the picture that an attempt makes: a UUID, as the application's own image ids may be,
/// that no other attempt has.
std::string picture_id_of(const attempt_id& id);

/// Formats that a result can be stored in.
enum class image_format : std::uint8_t { jpeg, png, webp };

/// How a conversion is to be done; empty and zero fields leave the choice to the service.
struct conversion_options {
  std::string style;         ///< casual, formal, ...: free text of at most 100 characters
  std::string quality;       ///< "standard", "high" or "draft"
  std::string prompt;        ///< the user's own wish, at most 2,000 characters; data, not a command
  std::string aspect_ratio;  ///< one of the provider's ratios, such as "3:4"
  std::string output_format;  ///< "jpeg", "png" or "webp"
  bool no_cache = false;      ///< true: never answer from the result cache

  friend bool operator==(const conversion_options&, const conversion_options&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, conversion_options& x) {
  return f(x.style, x.quality, x.prompt, x.aspect_ratio, x.output_format, x.no_cache);
}

/// One step of an image_processing job.
struct image_operation {
  enum class kind : std::uint8_t { resize, thumbnail, convert, strip };
  enum class fit_mode : std::uint8_t { contain, cover, fill };

  kind what = kind::strip;
  std::uint32_t width = 0;   ///< resize: 0 keeps the ratio
  std::uint32_t height = 0;  ///< resize: 0 keeps the ratio
  fit_mode fit = fit_mode::contain;
  std::uint32_t size = 0;  ///< thumbnail: the longer side in pixels
  image_format format = image_format::jpeg;
  std::uint32_t quality = 0;  ///< convert: 1 to 100, 0 for the default

  friend bool operator==(const image_operation&, const image_operation&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, image_operation& x) {
  return f(x.what, x.width, x.height, x.fit, x.size, x.format, x.quality);
}

/// What a job works on. The first three fields belong to image_conversion, the others to
/// image_processing. Image bytes never travel here: ids do.
struct job_payload {
  std::string user_image_id;
  std::string cloth_image_id;
  conversion_options options;
  std::string image_id;
  std::vector<image_operation> operations;

  friend bool operator==(const job_payload&, const job_payload&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_payload& x) {
  return f(x.user_image_id, x.cloth_image_id, x.options, x.image_id, x.operations);
}

/// The part of a job that its submitter decides.
struct job_request {
  job_type type = job_type::image_conversion;
  std::string conversion_id;
  std::string user_id;
  std::uint32_t priority = 5;  ///< 1 (low) to 20 (urgent)
  job_payload payload;
  timestamp run_at;               ///< not set: at once
  std::uint32_t max_retries = 0;  ///< attempts after the first
  milliseconds timeout{0};        ///< for one attempt, all stages together
  std::string idempotency_key;    ///< empty: none

  friend bool operator==(const job_request&, const job_request&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_request& x) {
  return f(
      x.type, x.conversion_id, x.user_id, x.priority, x.payload, x.run_at, x.max_retries, x.timeout,
      x.idempotency_key
  );
}

/// How far a job is.
struct job_progress {
  job_stage stage = job_stage::queued;
  std::uint32_t percent = 0;

  friend bool operator==(const job_progress&, const job_progress&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_progress& x) {
  return f(x.stage, x.percent);
}

/// One attempt, as the job's history keeps it.
struct attempt_record {
  fencing_token token{};
  std::string worker_id;
  timestamp started_at;
  timestamp ended_at;  ///< not set while it runs
  failure error;       ///< none where it went well or still runs

  friend bool operator==(const attempt_record&, const attempt_record&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, attempt_record& x) {
  return f(x.token, x.worker_id, x.started_at, x.ended_at, x.error);
}

/// What is known of a call that costs money.
enum class call_state : std::uint8_t {
  open,       ///< about to be sent, or sent and not answered
  settled,    ///< answered
  aborted,    ///< given up by us while under way: it may be billed
  ambiguous,  ///< its worker was lost while it was open: it may have been sent, and billed
};

std::string_view to_string(call_state state) noexcept;

/// One entry of the ledger: an attempt's call to the provider. It is durable before the call is
/// sent.
struct provider_call {
  fencing_token token{};  ///< of the attempt
  call_state state = call_state::open;
  timestamp opened_at;
  timestamp closed_at;                      ///< not set while it is open
  error_class outcome = error_class::none;  ///< settled: none where a picture came back
  std::uint64_t tokens = 0;                 ///< in and out, as the provider counted them
  std::uint64_t cost = 0;                   ///< millionths of a US dollar

  friend bool operator==(const provider_call&, const provider_call&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, provider_call& x) {
  return f(x.token, x.state, x.opened_at, x.closed_at, x.outcome, x.tokens, x.cost);
}

/// How a call to the provider has ended, as its worker reports it.
struct call_settlement {
  error_class outcome = error_class::none;  ///< none where a picture came back
  std::uint64_t tokens = 0;
  std::uint64_t cost = 0;  ///< millionths of a US dollar

  friend bool operator==(const call_settlement&, const call_settlement&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, call_settlement& x) {
  return f(x.outcome, x.tokens, x.cost);
}

/// What a completed job made.
struct job_result {
  std::string image_id;  ///< empty where there is none
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::string mime_type;
  std::uint64_t bytes = 0;
  bool cached = false;
  std::string model_version;  ///< as the provider names what it used

  friend bool operator==(const job_result&, const job_result&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_result& x) {
  return f(x.image_id, x.width, x.height, x.mime_type, x.bytes, x.cached, x.model_version);
}

/// A job as the store keeps it and the API shows it.
struct job {
  job_id id;
  job_request request;
  job_status status = job_status::pending;
  fencing_token token{};            ///< of the last lease
  std::uint32_t attempts = 0;       ///< attempts that failed by the job's own fault
  std::uint32_t interruptions = 0;  ///< leases handed back: shutdown, rescaling; free
  std::uint32_t crashes = 0;        ///< leases whose worker was lost
  bool possibly_billed = false;     ///< cancelled when a call may have been billed
  failure error;                    ///< of the last failed attempt
  job_progress progress;
  std::vector<attempt_record> history;
  job_result result;
  std::string worker_id;       ///< who holds or last held the lease
  timestamp due_at;            ///< when a scheduled job may run
  timestamp lease_expires_at;  ///< not set unless processing
  timestamp created_at;
  timestamp updated_at;
  timestamp started_at;               ///< of the last attempt
  timestamp completed_at;             ///< when it became final
  std::vector<provider_call> calls;   ///< the ledger, latest last
  std::uint32_t ambiguous_calls = 0;  ///< since it was accepted or last retried by hand

  friend bool operator==(const job&, const job&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job& x) {
  return f(
      x.id, x.request, x.status, x.token, x.attempts, x.interruptions, x.crashes, x.possibly_billed,
      x.error, x.progress, x.history, x.result, x.worker_id, x.due_at, x.lease_expires_at,
      x.created_at, x.updated_at, x.started_at, x.completed_at, x.calls, x.ambiguous_calls
  );
}

/// The attempt that holds, or last held, the job's lease.
inline attempt_id current_attempt(const job& j) {
  return {j.id, j.token};
}

/// How an attempt can end, as far as its worker knows.
enum class attempt_outcome_kind : std::uint8_t {
  completed,
  failed,
  released,  ///< handed back unfinished: shutdown or rescaling
};

/// How an attempt ended, as its worker reports it.
struct attempt_outcome {
  attempt_outcome_kind kind = attempt_outcome_kind::released;
  job_result result{};  ///< completed
  failure error{};      ///< failed

  friend bool operator==(const attempt_outcome&, const attempt_outcome&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, attempt_outcome& x) {
  return f(x.kind, x.result, x.error);
}

/// The answer to a submitted job.
struct submit_receipt {
  job accepted;
  bool is_duplicate = false;  ///< the job existed: same idempotency key, or conversion in flight

  friend bool operator==(const submit_receipt&, const submit_receipt&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, submit_receipt& x) {
  return f(x.accepted, x.is_duplicate);
}

/// What became of one job of a batch: `error`, or the receipt.
struct submit_answer {
  failure error;
  submit_receipt receipt;

  friend bool operator==(const submit_answer&, const submit_answer&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, submit_answer& x) {
  return f(x.error, x.receipt);
}

/// What became of the dead letters that were to be retried.
struct retry_report {
  std::uint64_t retried = 0;
  std::uint64_t refused = 0;  ///< their conversion is in flight again

  friend bool operator==(const retry_report&, const retry_report&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, retry_report& x) {
  return f(x.retried, x.refused);
}

/// Which jobs to list, newest first; empty fields do not filter.
struct job_filter {
  std::vector<job_status> statuses;
  std::vector<job_type> types;
  std::string user_id;
  std::string conversion_id;
  std::vector<error_class> errors;  ///< of the last failed attempt
  job_id before;             ///< cursor: only jobs older than this one; nil for the first page
  std::uint32_t limit = 50;  ///< 1 to 500

  friend bool operator==(const job_filter&, const job_filter&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_filter& x) {
  return f(x.statuses, x.types, x.user_id, x.conversion_id, x.errors, x.before, x.limit);
}

/// One page of a listing.
struct job_page {
  std::vector<job> jobs;
  job_id next;  ///< the cursor of the next page; nil where this one is the last

  friend bool operator==(const job_page&, const job_page&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_page& x) {
  return f(x.jobs, x.next);
}

}  // namespace stayler
