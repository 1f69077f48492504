// SPDX-License-Identifier: MIT
#include "actors/queue/queue_events.hpp"

#include "adapters/job_store/job_store.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

void queue_events::add(job_event_kind kind, const job& about, error_class error) {
  job_event event;
  event.kind = kind;
  event.id = about.id;
  event.type = about.request.type;
  event.error = error;
  event.age = std::max(milliseconds{0}, about.updated_at - about.created_at);
  if (is_set(about.started_at)) {
    event.queue_wait = std::max(milliseconds{0}, about.started_at - adapters::could_run_at(about));
    event.run_time = std::max(milliseconds{0}, about.updated_at - about.started_at);
  }
  if (kind == job_event_kind::started && about.failures == 0 && about.attempts.size() <= 1) {
    ++first_attempts_;
  }
  events_.push_back(event);
}

std::vector<job_event> queue_events::take() {
  return std::exchange(events_, {});
}

std::uint32_t queue_events::take_first_attempts() {
  return std::exchange(first_attempts_, 0);
}

}  // namespace stayler::actors
