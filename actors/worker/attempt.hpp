// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/tracing/span_buffer.hpp"
#include "messages/images/image.hpp"
#include "messages/jobs/job.hpp"
#include "messages/provider/generation.hpp"
#include "messages/service/events.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace stayler::actors {

/// Image bytes and the like that the steps of an attempt hand to each other.
struct attempt_images {
  std::vector<encoded_image> sources;       ///< the person, the garment
  std::vector<image_signature> signatures;  ///< of sources that go to the provider
  generation_result generated;              ///< kept until it has proved to be an image
  finished_image finished;                  ///< ready for the library
};

/// One execution of one job by this worker, from the assignment until the queue has its outcome. A
/// value: all that belongs to the attempt is in here, and ends with it.
struct attempt {
  using clock_time = std::chrono::steady_clock::time_point;

  attempt(stayler::job leased, timestamp must_end_by)
      : job{std::move(leased)}, deadline{must_end_by} {}

  [[nodiscard]] attempt_id id() const { return current_attempt(job); }

  /// What the spans of its work are below.
  [[nodiscard]] trace_context trace() const;

  /// True once it is decided how the attempt ended; only the report is left to be made then.
  [[nodiscard]] bool has_ended() const noexcept { return outcome.has_value(); }

  /// Leaves the stage that the attempt is in and enters another; `queued` is none. Answers how long
  /// the one before took, if there was one.
  std::optional<stage_event> change_stage(job_stage next, clock_time now);

  stayler::job job;    ///< as it was leased; the steps fill in its result
  timestamp deadline;  ///< the end of the job's timeout
  std::size_t steps_begun = 0;
  job_stage stage = job_stage::queued;
  clock_time stage_began;
  attempt_images images;
  adapters::open_span step;                ///< that is being taken
  std::vector<adapters::span> step_parts;  ///< spans below it
  bool owns_result = false;  ///< an image is stored that goes if the attempt does not complete
  failure refusal;  ///< why a store does not take the picture, which is paid for and waits for that
  std::optional<attempt_outcome> outcome;  ///< set once the attempt has ended
  bool may_be_completed = false;           ///< "completed" was reported, and no answer came
};

/// What the provider is asked for. Takes the source images along.
generation_request make_generation_request(
    attempt& from, milliseconds deadline, const settings& policy
);

/// The finished image, as the library is to store it.
new_image make_result_image(const attempt& from);

}  // namespace stayler::actors
