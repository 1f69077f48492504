// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/jobs/conversion.hpp"

namespace stayler::adapters {

/// What a conversion's record says already, as far as the decision below needs it.
struct recorded_state {
  attempt_id attempt;  ///< the job that owns the record, and the greatest token it has shown
  job_status status = job_status::pending;
  std::string result_image_id;
  std::string error_message;
  bool is_of_another = false;  ///< the record's user is not the update's
};

enum class record_action : std::uint8_t {
  write,  ///< the update becomes the record
  skip,   ///< the record says so already
};

/// Decides about an update of a record that exists; every record store asks here. conflict:
/// - where the conversion belongs to another user, whichever job is the newer;
/// - from the owning job: where a newer attempt of it has written, or where the record is final and
///   the update would change it. Token 0 (the queue itself, not an attempt) may end a conversion
///   that an attempt has begun, as a cancel does, but not turn it back to an earlier state. An
///   attempt that is newer than a recorded failure means that the dead letter was retried: it takes
///   the record up again;
/// - from another job: where that is the older one. A newer job always takes over.
result<record_action> decide(const recorded_state& recorded, const conversion_update& update);

}  // namespace stayler::adapters
