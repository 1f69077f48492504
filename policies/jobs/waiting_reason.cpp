// SPDX-License-Identifier: MIT
#include "policies/jobs/waiting_reason.hpp"

#include "messages/jobs/suspect.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace stayler::policies {

namespace {

constexpr std::array<std::string_view, 12> reason_names{
    "stopped",   "paused",          "budget",    "user_budget",   "quota",  "backoff",
    "due_later", "provider_closed", "no_worker", "suspect_alone", "behind", "dispatching"};

/// The window that latencies, and with them the number of starts, are counted in.
constexpr double window_seconds = 300;

/// Fewer starts than these say nothing of those to come.
constexpr std::uint64_t enough_starts = 10;

/// By how much longer it may take than it did.
constexpr double margin = 1.5;

bool calls_provider(const job& about) {
  return about.request.type == job_type::image_conversion;
}

bool is_day_spent(const spending_report& costs) {
  return costs.budget > 0 && costs.total.cost + costs.reserved >= costs.budget;
}

bool is_user_spent(const spending_report& costs, const std::string& user) {
  return costs.user_budget > 0 && std::ranges::any_of(costs.users, [&](const user_spending& each) {
           return each.user_id == user && each.amount.cost >= costs.user_budget;
         });
}

/// Of a job that was not even tried since something of the provider's was spent.
waiting_reason why_held(const job& about, const service_snapshot& service) {
  const bool is_closed = service.provider && service.provider->breaker != breaker_state::closed;
  if (service.costs && is_day_spent(*service.costs)) {
    return waiting_reason::budget;
  }
  if (service.costs && is_user_spent(*service.costs, about.request.user_id)) {
    return waiting_reason::user_budget;
  }
  return is_closed ? waiting_reason::provider_closed : waiting_reason::quota;
}

waiting_reason why_scheduled(const job& about, const service_snapshot& service) {
  if (about.attempts.empty() || about.due_at == about.request.run_at) {
    return waiting_reason::due_later;
  }
  return about.error.kind == error_class::held ? why_held(about, service) : waiting_reason::backoff;
}

/// How many jobs were started here in the last minutes.
std::uint64_t recent_starts(const service_snapshot& service) {
  if (!service.latencies) {
    return 0;
  }
  const auto found =
      std::ranges::find(service.latencies->stages, "queue_wait", &stage_latency::name);
  return found == service.latencies->stages.end() ? 0 : found->count;
}

/// Coordinators that share the queue start jobs of which this one does not know.
bool is_alone(const service_snapshot& service) {
  return !service.provider || service.provider->coordinators <= 1;
}

void add_estimate(waiting_account& made, const service_snapshot& service) {
  const std::uint64_t starts = recent_starts(service);
  if (starts < enough_starts || !is_alone(service)) {
    return;
  }
  using std::chrono::seconds;
  const double one = window_seconds / static_cast<double>(starts);
  const double all = static_cast<double>(*made.ahead_at_most + 1) * one * margin;
  const auto now = std::chrono::floor<seconds>(service.at);
  made.starts_from = now;
  made.starts_by = now + seconds{static_cast<seconds::rep>(all) + 1};
}

bool has_room(const job& about, const service_snapshot& service) {
  const bool has_free_worker = std::ranges::any_of(
      service.queue->workers, [](const worker_status& one) { return !one.is_busy; }
  );
  const bool is_full = calls_provider(about) && service.provider
                       && service.provider->calls_in_flight >= service.provider->max_in_flight;
  return has_free_worker && !is_full;
}

/// Of a job that could be given out.
waiting_account explain_pending(const job& about, const service_snapshot& service) {
  waiting_account made;
  const auto& provider = service.provider;
  if (calls_provider(about) && provider && provider->closed_until > service.at) {
    made.reason = why_held(about, service);
    made.until = provider->closed_until;
  } else if (service.queue->workers.empty()) {
    made.reason = waiting_reason::no_worker;
  } else if (is_suspect(about)) {
    made.reason = waiting_reason::suspect_alone;
  } else if (has_room(about, service)) {
    made.reason = waiting_reason::dispatching;
  } else {
    made.reason = waiting_reason::behind;
    const auto pending = service.queue->counts.pending;
    made.ahead_at_most = pending > 0 ? pending - 1 : 0;
    add_estimate(made, service);
  }
  return made;
}

}  // namespace

std::string_view to_string(waiting_reason reason) noexcept {
  return reason_names[static_cast<std::size_t>(reason)];
}

std::optional<waiting_account> explain_waiting(const job& about, const service_snapshot& service) {
  if (!is_waiting(about.status) || !service.queue) {
    return std::nullopt;
  }
  const queue_status& queue = *service.queue;
  if (queue.state != service_state::running) {
    return waiting_account{.reason = waiting_reason::stopped};
  }
  if (std::ranges::find(queue.paused, about.request.type) != queue.paused.end()) {
    return waiting_account{.reason = waiting_reason::paused};
  }
  if (about.status == job_status::scheduled && about.due_at > service.at) {
    return waiting_account{.reason = why_scheduled(about, service), .until = about.due_at};
  }
  return explain_pending(about, service);
}

}  // namespace stayler::policies
