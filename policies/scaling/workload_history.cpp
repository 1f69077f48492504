// SPDX-License-Identifier: MIT
#include "policies/scaling/workload_history.hpp"

#include <algorithm>

namespace stayler::policies {

void workload_history::add(const job_counts& counts, timestamp now) {
  if (!samples_.empty() && counts.accepted < last_.accepted) {
    samples_.clear();
  }
  sample next{now, counts.accepted, counts.pending + counts.scheduled + counts.processing, 0, {}};
  if (samples_.empty()) {
    // What the store knows from before: better than nothing until attempts end.
    next.completed = counts.completed;
    next.job_time = counts.completed_job_time;
  } else {
    next.completed = samples_.back().completed;
    next.job_time = samples_.back().job_time;
    // The number is of those that are kept. Where some were removed meanwhile, this step says
    // nothing.
    if (counts.completed > last_.completed) {
      next.completed += counts.completed - last_.completed;
      next.job_time += counts.completed_job_time - last_.completed_job_time;
    }
  }
  last_ = counts;
  samples_.push_back(next);
  while (samples_.size() > 2 && samples_[1].at <= now - attempt_span) {
    samples_.pop_front();
  }
}

const workload_history::sample& workload_history::before(milliseconds span) const {
  const timestamp at = samples_.back().at - span;
  const auto later =
      std::ranges::find_if(samples_, [&](const sample& each) { return each.at > at; });
  return later == samples_.begin() ? samples_.front() : *std::prev(later);
}

double workload_history::per_second(double events, const sample& since) const {
  const std::chrono::duration<double> time = samples_.back().at - since.at;
  return time.count() > 0 ? std::max(events, 0.0) / time.count() : 0;
}

double workload_history::accepted_per_second() const {
  if (samples_.empty()) {
    return 0;
  }
  const sample& since = before(rate_span);
  return per_second(static_cast<double>(samples_.back().accepted - since.accepted), since);
}

double workload_history::ended_per_second() const {
  if (samples_.empty()) {
    return 0;
  }
  const sample& since = before(rate_span);
  const auto accepted = static_cast<double>(samples_.back().accepted - since.accepted);
  const auto more_open =
      static_cast<double>(samples_.back().open) - static_cast<double>(since.open);
  return per_second(accepted - more_open, since);
}

std::optional<std::chrono::duration<double>> workload_history::attempt() const {
  if (samples_.empty()) {
    return std::nullopt;
  }
  const sample& latest = samples_.back();
  const sample& since = before(attempt_span);
  // Where none has ended lately, those before count.
  const bool are_recent = latest.completed > since.completed;
  const std::uint64_t completed = latest.completed - (are_recent ? since.completed : 0);
  const milliseconds time = latest.job_time - (are_recent ? since.job_time : milliseconds{0});
  if (completed == 0) {
    return std::nullopt;
  }
  return std::chrono::duration<double>{time} / static_cast<double>(completed);
}

}  // namespace stayler::policies
