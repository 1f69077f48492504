// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/jobs/job.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace stayler::adapters {

/// What a job's content is encrypted for: so it cannot be put in another job's place.
inline std::string place_of_job(const job_id& id) {
  return "job " + to_string(id);
}

/// Stands for a job whose content cannot be read: it was changed, or its key is missing. All that
/// it says is what the indexes know, and the age that its id has; where the API demands more, that
/// it cannot be read.
inline job unreadable_job(const job_id& id, job_status status, failure why) {
  job unreadable;
  unreadable.id = id;
  unreadable.status = status;
  unreadable.error = std::move(why);
  // No user's id ends with a blank.
  unreadable.request.user_id = "(cannot be read) ";
  unreadable.request.payload.user_image_id = "unreadable";
  unreadable.request.payload.cloth_image_id = "unreadable";
  std::int64_t made_at = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    made_at = made_at << 8 | id.value.bytes[i];
  }
  unreadable.created_at = timestamp{milliseconds{made_at}};
  return unreadable;
}

}  // namespace stayler::adapters
