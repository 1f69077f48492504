// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_maintenance.hpp"

#include "adapters/job_store/store_limits.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stayler::adapters {

void_result redis_maintenance::take_back(
    const std::function<bool(const stored_job&)>& is_wanted, store_reply& reply
) {
  auto jobs = queue_.read_leased();
  if (!jobs) {
    return std::move(jobs).error();
  }
  script_commands calls = queue_.new_calls();
  std::vector<job> taken;
  for (auto& [id, held] : *jobs) {
    if (held.stored.value.status == job_status::processing && is_wanted(held.stored)) {
      const redis_job before = held;
      take_lease_back(held.stored, queue_.now());
      calls.add(redis_update(before, held.stored));
      taken.push_back(held.stored.value);
    }
  }
  auto answers = queue_.run(calls);
  if (!answers) {
    return std::move(answers).error();
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if ((*answers)[i][0].text() == "ok") {
      reply.jobs.push_back(std::move(taken[i]));
    }
  }
  return ok();
}

result<std::size_t> redis_maintenance::remove(
    job_status status, timestamp finished_by, std::size_t most
) {
  if (most == 0) {
    return std::size_t{0};
  }
  auto outdated = queue_.ask(
      {"O", std::to_string(static_cast<int>(status)),
       std::to_string(finished_by.time_since_epoch().count()), std::to_string(most)}
  );
  if (!outdated) {
    return std::move(outdated).error();
  }
  script_commands calls = queue_.new_calls();
  for (const redis_job& each : *outdated) {
    calls.add(redis_removal(each));
  }
  if (auto answers = queue_.run(calls); !answers) {
    return std::move(answers).error();
  }
  return outdated->size();
}

void_result redis_maintenance::remove_outdated(const store_op::purge& sweep, store_reply& reply) {
  const timestamp now = queue_.now();
  const auto all = [] { return jobs_per_pass; };
  const auto finished = [&] { return surplus_finished(queue_.counts(), sweep); };
  const auto dead = [&] { return surplus_dead(queue_.counts(), sweep); };
  struct pass {
    job_status status;
    timestamp finished_by;
    std::function<std::size_t()> most;
  };
  const std::array<pass, 6> passes{
      {{job_status::completed, now - sweep.retention, all},
       {job_status::cancelled, now - sweep.retention, all},
       {job_status::failed, now - sweep.dead_letter_retention, all},
       {job_status::completed, now, finished},
       {job_status::cancelled, now, finished},
       {job_status::failed, now, dead}}};
  std::size_t left = jobs_per_pass;
  for (const pass& each : passes) {
    const auto removed = remove(each.status, each.finished_by, std::min(left, each.most()));
    if (!removed) {
      return removed.error();
    }
    left -= *removed;
  }
  reply.has_more = left == 0;
  return ok();
}

void_result redis_maintenance::audit_some() {
  for (std::size_t seen = 0; seen < scan_limit; seen += jobs_per_read) {
    auto jobs = queue_.list_below(":all", audited_down_to_);
    if (!jobs) {
      return std::move(jobs).error();
    }
    script_commands calls = queue_.new_calls();
    for (const redis_job& each : *jobs) {
      calls.add(redis_check(each));
    }
    if (auto answers = queue_.run(calls); !answers) {
      return std::move(answers).error();
    }
    const bool is_end = jobs->size() < jobs_per_read;
    audited_down_to_ = is_end ? "" : redis_id(jobs->back().stored.value.id);
    if (is_end) {
      break;
    }
  }
  return ok();
}

}  // namespace stayler::adapters
