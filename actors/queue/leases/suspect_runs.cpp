// SPDX-License-Identifier: MIT
#include "actors/queue/leases/suspect_runs.hpp"

#include "adapters/log/log.hpp"
#include "messages/service/node.hpp"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

using adapters::logs::queue::log;

/// A quarantine that has not joined by then never will.
constexpr std::chrono::seconds longest_start{60};

/// How long one that has joined waits for a suspect.
constexpr std::chrono::seconds longest_wait{10};

/// So many failed starts in a row, and suspects are given to any worker for a while.
constexpr std::uint32_t most_failed_starts = 3;
constexpr std::chrono::minutes pause_after_failed_starts{5};

/// Between the loss of a quarantine and the verdict. Who kills this process as well has done it by
/// then, and then nobody was there to see that the suspect's process ended alone.
constexpr milliseconds time_to_judge{300};

/// The only worker of a quarantine.
constexpr const char* only_slot = "worker-1";

/// Each takes memory, and a core while it works.
std::size_t most_at_a_time() {
  return std::clamp(std::thread::hardware_concurrency(), 2U, 8U);
}

}  // namespace

void suspect_runs::begin() {
  if (!context_.options.quarantines) {
    return;
  }
  for (const std::string& left : context_.options.quarantines->names()) {
    context_.options.quarantines->end(left);
  }
}

op::suspect_rule suspect_runs::rule_for_others() const {
  const bool are_to_be_had =
      context_.options.quarantines && context_.self->clock().now() >= not_before_;
  return are_to_be_had ? op::suspect_rule::left_out : op::suspect_rule::as_others;
}

void suspect_runs::on_waiting() {
  if (!has_room()) {
    return;
  }
  const auto started = context_.options.quarantines->start(context_.options.config);
  if (!started) {
    on_failed_start("", started.error().message);
    return;
  }
  log.info("a process is started for a suspect", {{"node", *started}});
  runs_[*started].since = context_.self->clock().now();
}

/// Whether one more may be started: nobody is about to take what waits.
bool suspect_runs::has_room() const {
  const auto is_idle = [this](const auto& entry) {
    const worker_slot* slot = context_.slots.find(remote_worker_id(entry.first, only_slot));
    return slot == nullptr ? !entry.second.has_joined : slot->is_free;
  };
  return runs_.size() < most_at_a_time() && std::ranges::none_of(runs_, is_idle);
}

void suspect_runs::end_unused() {
  std::vector<std::string> unused;
  for (auto& [name, one] : runs_) {
    if (!is_used(name, one)) {
      unused.push_back(name);
    }
  }
  for (const std::string& name : unused) {
    forget(name);
  }
}

bool suspect_runs::is_used(const std::string& quarantine, run& one) {
  const clock_time now = context_.self->clock().now();
  const worker_slot* slot = context_.slots.find(remote_worker_id(quarantine, only_slot));
  if (slot == nullptr) {
    return one.lost || is_starting(quarantine, one);
  }
  if (!std::exchange(one.has_joined, true)) {
    failed_starts_ = 0;
    one.since = now;
  }
  if (slot->current || slot->is_claiming) {
    one.since = now;
    return true;
  }
  return !slot->is_leaving && now - one.since < longest_wait;
}

bool suspect_runs::is_starting(const std::string& quarantine, const run& one) {
  const auto ended = context_.options.quarantines->how_it_ended(quarantine);
  if (!ended && context_.self->clock().now() - one.since < longest_start) {
    return true;
  }
  if (!one.has_joined) {
    on_failed_start(quarantine, ended.value_or("it has not joined in time"));
  }
  return false;
}

void suspect_runs::on_failed_start(const std::string& quarantine, const std::string& why) {
  log.error(
      "a process for a suspect could not be started", {{"node", quarantine}, {"reason", why}}
  );
  if (++failed_starts_ >= most_failed_starts) {
    failed_starts_ = 0;
    not_before_ = context_.self->clock().now() + pause_after_failed_starts;
  }
}

void suspect_runs::on_worker_lost(
    const std::string& quarantine, std::optional<job> held, const failure& why
) {
  if (held && why.kind == error_class::worker_lost) {
    run& one = runs_[quarantine];
    one.lost = std::move(held);
    one.why = why;
    context_.self->delayed_send(context_.self, time_to_judge, decide_atom_v, quarantine);
    return;
  }
  if (held && why) {
    blame(*held, "its worker failed, which had worked on nothing else: " + why.message);
  } else if (held) {
    attempts_.hand_back(*held, [](const failure&) {});
  }
  forget(quarantine);
}

void suspect_runs::judge(const std::string& quarantine) {
  const auto found = runs_.find(quarantine);
  if (found == runs_.end() || !found->second.lost) {
    return;
  }
  const run judged = std::move(found->second);
  if (const auto ended = context_.options.quarantines->how_it_ended(quarantine)) {
    blame(*judged.lost, "the process in which it ran alone " + *ended);
  } else {
    attempts_.crash(*judged.lost, judged.why, crash_retry::after_delay);
  }
  forget(quarantine);
}

void suspect_runs::forget(const std::string& quarantine) {
  context_.options.quarantines->end(quarantine);
  runs_.erase(quarantine);
}

void suspect_runs::blame(const job& suspect, const std::string& what_happened) {
  log.error(
      "a job took its worker down while it ran alone",
      {{"jobId", suspect.id},
       {"attempt", suspect.token},
       {"worker", suspect.worker_id},
       {"traceId", trace_id_text(suspect.request.trace)},
       {"reason", what_happened}}
  );
  attempts_.crash(suspect, {error_class::worker_lost, what_happened}, crash_retry::never);
}

}  // namespace stayler::actors
