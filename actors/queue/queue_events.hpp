// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/service/events.hpp"

#include <cstdint>
#include <vector>

namespace stayler::actors {

/// Collects what happens to jobs between two reports of the queue. An event is added when the store
/// has taken the change, so that what is counted has happened.
class queue_events {
 public:
  /// `error` is why an attempt failed.
  void add(job_event_kind kind, const job& about, error_class error = error_class::none);

  /// All events since the last call.
  std::vector<job_event> take();

  /// How many jobs were started for the first time since the last call.
  std::uint32_t take_first_attempts();

 private:
  std::vector<job_event> events_;
  std::uint32_t first_attempts_ = 0;
};

}  // namespace stayler::actors
