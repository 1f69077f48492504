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

/// Fewer attempts than these say nothing of those to come.
constexpr std::uint64_t enough_attempts = 10;

/// By how much longer it may take than it did.
constexpr double margin = 1.5;

bool calls_provider(const job& about) {
  return about.request.type == job_type::image_conversion;
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

/// What attempts took in the last minutes; null where too few ended to say.
const stage_latency* recent_attempts(const service_snapshot& service) {
  if (!service.latencies) {
    return nullptr;
  }
  const auto& stages = service.latencies->stages;
  const auto found = std::ranges::find(stages, "total", &stage_latency::name);
  return found == stages.end() || found->count < enough_attempts ? nullptr : &*found;
}

/// How many attempts at such jobs go on at a time.
std::uint64_t slots_for(const job& about, const service_snapshot& service) {
  const std::uint64_t workers = service.queue->workers.size();
  const bool is_bounded =
      calls_provider(about) && service.provider && service.provider->max_in_flight > 0;
  return is_bounded ? std::min<std::uint64_t>(workers, service.provider->max_in_flight) : workers;
}

/// Seconds until the provider's quota has let so many calls through; 0 where none is known.
double quota_seconds(const job& about, const service_snapshot& service, std::uint64_t calls) {
  const bool is_known =
      calls_provider(about) && service.provider && service.provider->requests_per_minute > 0;
  return is_known ? 60.0 * static_cast<double>(calls) / service.provider->requests_per_minute : 0;
}

/// The workers take what is ahead in rounds, each as long as a slow attempt. Other coordinators can
/// only make it shorter.
void add_estimate(waiting_account& made, const job& about, const service_snapshot& service) {
  const auto* attempts = recent_attempts(service);
  if (attempts == nullptr) {
    return;
  }
  using std::chrono::seconds;
  const std::uint64_t ahead = *made.ahead_at_most;
  const std::uint64_t whole_rounds = ahead / slots_for(about, service);
  const auto rounds = static_cast<double>(whole_rounds + 1);
  const double longest =
      std::max(rounds * attempts->p90_seconds, quota_seconds(about, service, ahead + 1));
  made.starts_from = std::chrono::floor<seconds>(service.at);
  made.starts_by = made.starts_from + seconds{static_cast<seconds::rep>(longest * margin) + 1};
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
    add_estimate(made, about, service);
  }
  return made;
}

}  // namespace

bool is_day_spent(const spending_report& costs) noexcept {
  return costs.budget > 0 && costs.total.cost + costs.reserved >= costs.budget;
}

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
  if (const type_pause* pause = find_pause(queue.paused, about.request.type)) {
    return waiting_account{
        .reason = waiting_reason::paused, .until = pause->until, .pause = *pause};
  }
  if (about.status == job_status::scheduled && about.due_at > service.at) {
    return waiting_account{.reason = why_scheduled(about, service), .until = about.due_at};
  }
  return explain_pending(about, service);
}

}  // namespace stayler::policies
