// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/base/time.hpp"
#include "messages/base/uuid.hpp"
#include "messages/jobs/job_result.hpp"
#include "messages/jobs/job_state.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler {

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

/// When an attempt has come to a stage; it ends with the next one, or with the attempt.
struct stage_start {
  job_stage stage = job_stage::queued;
  timestamp at;

  friend bool operator==(const stage_start&, const stage_start&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stage_start& x) {
  return f(x.stage, x.at);
}

/// One attempt, as the job's history keeps it.
struct attempt_record {
  fencing_token token{};
  std::string worker_id;
  timestamp started_at;
  timestamp ended_at;                 ///< not set while it runs
  failure error;                      ///< none where it went well, was handed back or still runs
  std::vector<stage_start> stages{};  ///< in their order

  friend bool operator==(const attempt_record&, const attempt_record&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, attempt_record& x) {
  return f(x.token, x.worker_id, x.started_at, x.ended_at, x.error, x.stages);
}

/// How an attempt can end, as far as its worker knows.
enum class attempt_outcome_kind : std::uint8_t {
  completed,
  failed,
  released,  ///< handed back unfinished: a stop, or the lease was taken away
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

}  // namespace stayler
