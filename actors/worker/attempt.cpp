// SPDX-License-Identifier: MIT
#include "actors/worker/attempt.hpp"

#include "adapters/gemini/wire/gemini_wire.hpp"
#include "policies/retry/retry_policy.hpp"

#include <string>

namespace stayler::actors {

std::optional<stage_event> attempt::change_stage(job_stage next, clock_time now) {
  const job_stage left = std::exchange(stage, next);
  const clock_time began = std::exchange(stage_began, now);
  if (left == job_stage::queued) {
    return std::nullopt;
  }
  return stage_event{left, std::chrono::duration_cast<std::chrono::microseconds>(now - began)};
}

trace_context attempt::trace() const {
  return below(job.request.trace, adapters::span_id_of(id()));
}

generation_request make_generation_request(
    attempt& from, milliseconds deadline, const settings& policy
) {
  const job_request& wanted = from.job.request;
  const conversion_options& options = wanted.payload.options;
  const image_info& person = from.images.sources.front().info;
  generation_request request;
  request.attempt = from.id();
  request.prompt = adapters::make_try_on_prompt(options);
  request.aspect_ratio = options.aspect_ratio.empty()
                             ? adapters::nearest_aspect_ratio(person.width, person.height)
                             : options.aspect_ratio;
  request.image_size = adapters::image_size_for(options.quality);
  request.deadline = deadline;
  request.user_id = wanted.user_id;
  request.no_cache = options.no_cache;
  // The last attempt does not wait any more: a picture at the full price is better than none.
  const bool is_last = from.job.failures >= policies::allowed_retries(from.job, policy);
  request.can_wait = wanted.urgency == job_urgency::low && !is_last;
  request.trace = from.trace();
  request.images = std::exchange(from.images.sources, {});
  return request;
}

new_image make_result_image(const attempt& from) {
  new_image made;
  // Derived from job and attempt: a worker that has lost its lease cannot touch another's result.
  made.id = picture_id_of(from.id());
  made.user_id = from.job.request.user_id;
  made.type = "result";
  made.content = from.images.finished;
  made.file_name = made.id + "." + std::string{file_ending_of(made.content.picture.info.format)};
  return made;
}

}  // namespace stayler::actors
