// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

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

/// True for the states in which a job waits for a worker.
constexpr bool is_waiting(job_status status) noexcept {
  return status <= job_status::scheduled;
}

/// Which jobs a waiting job goes ahead of, whatever their priority and their age.
enum class precedence : std::uint8_t {
  none,
  own_jobs,  ///< those of its user and type: it is the next that their turn is for
  all_jobs,
};

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

}  // namespace stayler
