// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/service/alert.hpp"

#include <cstdint>
#include <string>

namespace stayler {

/// A change of one conversion record, carrying the fencing token of the attempt that makes it.
struct conversion_update {
  std::string conversion_id;
  std::string user_id;
  std::string user_image_id;
  std::string cloth_image_id;
  job_status status = job_status::pending;
  attempt_id attempt;           ///< token 0 for changes that no attempt makes
  std::string result_image_id;  ///< completed
  std::string error_message;    ///< failed
  milliseconds processing_time{0};
  timestamp at;

  friend bool operator==(const conversion_update&, const conversion_update&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, conversion_update& x) {
  return f(
      x.conversion_id, x.user_id, x.user_image_id, x.cloth_image_id, x.status, x.attempt,
      x.result_image_id, x.error_message, x.processing_time, x.at
  );
}

/// What the application is told: that a job has reached a final state, or of an alert.
struct notification {
  std::string event_id;  ///< the same for every delivery of the same event
  std::string event;     ///< "conversion.completed", ".failed", ".cancelled", "alert.firing", ...
  timestamp at;
  job_id job;  ///< nil: it is of an alert
  std::string conversion_id;
  std::string user_id;
  job_result result;  ///< completed
  failure error;      ///< failed
  /// Where the job wants it posted; empty: where all others go. No part of what the receiver gets.
  std::string webhook_url;
  alert_notice alert;
  trace_context trace;  ///< the job's; passed on to the receiver beside the content

  friend bool operator==(const notification&, const notification&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, notification& x) {
  return f(
      x.event_id, x.event, x.at, x.job, x.conversion_id, x.user_id, x.result, x.error,
      x.webhook_url, x.alert, x.trace
  );
}

}  // namespace stayler
