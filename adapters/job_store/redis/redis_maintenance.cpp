// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_maintenance.hpp"

#include "adapters/job_store/store_limits.hpp"

#include <algorithm>
#include <array>
#include <iterator>
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
      [&](const stored_job& stored) { return stored.instance_id == change.instance_id; },
      queue_started_anew, reply
  );
}

void_result redis_maintenance::reclaim_if(
    const std::function<bool(const stored_job&)>& is_wanted,
    std::string_view reason,
    store_reply& reply
) {
  auto jobs = queue_.read_leased();
  if (!jobs) {
    return std::move(jobs).error();
  }
  command_pipeline commands = queue_.new_pipeline();
  std::vector<job> reclaimed;
  for (auto& [id, held] : *jobs) {
    if (!held.problem && held.stored.value.status == job_status::processing
        && is_wanted(held.stored)) {
      const redis_job before = held;
      take_lease_back(held.stored, reason, queue_.now());
      commands.add(redis_commands::update(before, held.stored, queue_.cipher()));
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

result<std::vector<redis_job>> redis_maintenance::find_oldest(
    std::span<const job_status> statuses, timestamp by, std::size_t most
) {
  std::vector<redis_job> oldest;
  for (const job_status status : statuses) {
    auto found = queue_.find_jobs(redis_commands::list_finished(status, by, most));
    if (!found) {
      return std::move(found).error();
    }
    std::move(found->begin(), found->end(), std::back_inserter(oldest));
  }
  std::ranges::sort(oldest, {}, [](const redis_job& j) { return j.stored.value.completed_at; });
  if (oldest.size() > most) {
    oldest.resize(most);
  }
  return oldest;
}

result<std::size_t> redis_maintenance::remove_oldest(
    std::span<const job_status> statuses, timestamp by, std::size_t most
) {
  if (most == 0) {
    return std::size_t{0};
  }
  const auto oldest = find_oldest(statuses, by, most);
  if (!oldest) {
    return oldest.error();
  }
  command_pipeline commands = queue_.new_pipeline();
  for (const redis_job& each : *oldest) {
    commands.add(redis_commands::remove(each, queue_.cipher()));
  }
  if (auto answers = queue_.run_script(commands); !answers) {
    return std::move(answers).error();
  }
  return oldest->size();
}

void_result redis_maintenance::perform_one(const store_op::purge& change, store_reply& reply) {
  static constexpr std::array finished{job_status::completed, job_status::cancelled};
  static constexpr std::array dead{job_status::failed};
  const timestamp now = queue_.now();
  std::size_t left = jobs_per_pass;
  const auto remove = [&](std::span<const job_status> statuses, timestamp by, std::uint64_t most) {
    auto removed = remove_oldest(statuses, by, std::min<std::size_t>(left, most));
    left -= removed ? *removed : 0;
    return removed;
  };
  if (auto removed = remove(finished, now - change.retention, left); !removed) {
    return removed.error();
  }
  if (auto removed = remove(dead, now - change.dead_letter_retention, left); !removed) {
    return removed.error();
  }
  const std::uint64_t surplus = surplus_finished(queue_.counts(), change);
  if (auto removed = remove(finished, now, surplus); !removed) {
    return removed.error();
  }
  const std::uint64_t surplus_letters = surplus_dead(queue_.counts(), change);
  if (auto removed = remove(dead, now, surplus_letters); !removed) {
    return removed.error();
  }
  reply.has_more = left == 0;
  return ok();
}

void_result redis_maintenance::perform_one(
    const store_op::verify_indexes& /*change*/, store_reply& /*reply*/
) {
  if (verified_down_to_.empty()) {
    if (auto verified = queue_.run_script(redis_commands::verify_users()); !verified) {
      return std::move(verified).error();
    }
  }
  for (std::size_t seen = 0; seen < scan_limit; seen += jobs_per_read) {
    auto jobs = queue_.list_below(":all", verified_down_to_);
    if (!jobs) {
      return std::move(jobs).error();
    }
    command_pipeline commands = queue_.new_pipeline();
    for (const redis_job& each : *jobs) {
      if (!each.problem) {
        commands.add(redis_commands::verify(each, queue_.cipher()));
      }
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
