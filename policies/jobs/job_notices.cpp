// SPDX-License-Identifier: MIT
#include "policies/jobs/job_notices.hpp"

#include <string>

namespace stayler::policies {

bool has_conversion(const job& about) noexcept {
  return about.request.type == job_type::image_conversion && !about.request.conversion_id.empty();
}

conversion_update make_conversion_update(const job& about, job_status status, timestamp at) {
  conversion_update update;
  update.conversion_id = about.request.conversion_id;
  update.user_id = about.request.user_id;
  update.user_image_id = about.request.payload.user_image_id;
  update.cloth_image_id = about.request.payload.cloth_image_id;
  update.status = status;
  update.attempt = current_attempt(about);
  update.result_image_id = about.result.image_id;
  update.error_message = status == job_status::failed ? about.error.message : "";
  update.processing_time =
      is_final(status) && is_set(about.started_at) ? at - about.started_at : milliseconds{0};
  update.at = at;
  return update;
}

notification make_notification(const job& ended, job_status status, timestamp at) {
  const std::string_view subject =
      ended.request.type == job_type::image_conversion ? "conversion" : "processing";
  notification event;
  // A dead letter that is retried can fail once more, and that is news; a result that a later
  // attempt adopts is not.
  const std::string about =
      status == job_status::failed ? to_string(current_attempt(ended)) : to_string(ended.id);
  event.event_id = about + "-" + std::string{to_string(status)};
  event.event = std::string{subject} + "." + std::string{to_string(status)};
  event.at = at;
  event.job = ended.id;
  event.conversion_id = ended.request.conversion_id;
  event.user_id = ended.request.user_id;
  event.result = ended.result;
  event.webhook_url = ended.request.webhook_url;
  event.trace = ended.request.trace;
  if (status == job_status::failed) {
    event.error = ended.error;
  }
  return event;
}

}  // namespace stayler::policies
