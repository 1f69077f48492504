// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_maintenance.hpp"

#include "adapters/job_store/store_limits.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stayler::adapters {

void_result redis_maintenance::perform(const store_change& change, store_reply& reply) {
  if (!std::holds_alternative<store_op::reclaim>(change)) {
    const auto is_reaper = queue_.is_reaper();
    if (!is_reaper) {
      return is_reaper.error();
    }
    if (!*is_reaper) {
      return ok();
    }
  }
  return std::visit(
      [&]<class Change>(const Change& wanted) {
        if constexpr (maintenance<Change>) {
          return perform_one(wanted, reply);
        } else {
          return ok();
        }
      },
      change
  );
}

void_result redis_maintenance::perform_one(const store_op::reclaim& change, store_reply& reply) {
  queue_.leases().clear();
  return reclaim_if(
      [&](const stored_job& stored) { return stored.instance_id == change.instance_id; }, reply
  );
}

void_result redis_maintenance::reclaim_if(
    const std::function<bool(const stored_job&)>& is_wanted, store_reply& reply
) {
  auto jobs = queue_.read_leased();
  if (!jobs) {
    return std::move(jobs).error();
  }
  command_pipeline commands = queue_.new_pipeline();
  std::vector<job> reclaimed;
  for (auto& [id, held] : *jobs) {
    if (held.stored.value.status == job_status::processing && is_wanted(held.stored)) {
      const redis_job before = held;
      take_lease_back(held.stored, queue_.now());
      commands.add(redis_commands::update(before, held.stored));
      reclaimed.push_back(std::move(held.stored.value));
    }
  }
  auto answers = queue_.run_script(commands);
  if (!answers) {
    return std::move(answers).error();
  }
  for (std::size_t i = 0; i < reclaimed.size(); ++i) {
    if ((*answers)[i][0].text() == "ok") {
      reply.jobs.push_back(std::move(reclaimed[i]));
    }
  }
  return ok();
}

result<std::size_t> redis_maintenance::remove_finished(
    job_status status, timestamp by, std::size_t most
) {
  if (most == 0) {
    return std::size_t{0};
  }
  auto outdated = queue_.find_jobs(redis_commands::list_finished(status, by, most));
  if (!outdated) {
    return std::move(outdated).error();
  }
  command_pipeline commands = queue_.new_pipeline();
  for (const redis_job& each : *outdated) {
    commands.add(redis_commands::remove(each));
  }
  if (auto answers = queue_.run_script(commands); !answers) {
    return std::move(answers).error();
  }
  return outdated->size();
}

void_result redis_maintenance::perform_one(const store_op::purge& change, store_reply& reply) {
  const timestamp now = queue_.now();
  const auto all = [] { return jobs_per_pass; };
  const auto finished = [&] { return surplus_finished(queue_.counts(), change); };
  const auto dead = [&] { return surplus_dead(queue_.counts(), change); };
  struct pass {
    job_status status;
    timestamp finished_by;
    std::function<std::size_t()> most;
  };
  const std::array<pass, 6> passes{
      {{job_status::completed, now - change.retention, all},
       {job_status::cancelled, now - change.retention, all},
       {job_status::failed, now - change.dead_letter_retention, all},
       {job_status::completed, now, finished},
       {job_status::cancelled, now, finished},
       {job_status::failed, now, dead}}};
  std::size_t left = jobs_per_pass;
  for (const pass& each : passes) {
    const auto removed =
        remove_finished(each.status, each.finished_by, std::min(left, each.most()));
    if (!removed) {
      return removed.error();
    }
    left -= *removed;
  }
  reply.has_more = left == 0;
  return ok();
}

void_result redis_maintenance::perform_one(
    const store_op::verify_indexes& /*change*/, store_reply& /*reply*/
) {
  for (std::size_t seen = 0; seen < scan_limit; seen += jobs_per_read) {
    auto jobs = queue_.list_below(":all", verified_down_to_);
    if (!jobs) {
      return std::move(jobs).error();
    }
    command_pipeline commands = queue_.new_pipeline();
    for (const redis_job& each : *jobs) {
      commands.add(redis_commands::verify(each));
    }
    if (auto answers = queue_.run_script(commands); !answers) {
      return std::move(answers).error();
    }
    const bool is_end = jobs->size() < jobs_per_read;
    verified_down_to_ = is_end ? "" : redis_id(jobs->back().stored.value.id);
    if (is_end) {
      break;
    }
  }
  return ok();
}

}  // namespace stayler::adapters
