// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis_surveys.hpp"

#include "adapters/job_store/store_limits.hpp"

#include <array>
#include <utility>

namespace stayler::adapters {

void_result redis_surveys::take_back(
    const std::function<bool(const stored_job&)>& is_wanted, store_reply& reply
) {
  auto jobs = queue_.read_leased();
  if (!jobs) {
    return std::move(jobs).error();
  }
  redis_calls calls = queue_.new_calls();
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

void_result redis_surveys::remove_outdated(const store_op::sweep& sweep) {
  const std::array<std::pair<job_status, milliseconds>, 3> kept{
      {{job_status::completed, sweep.retention},
       {job_status::cancelled, sweep.retention},
       {job_status::failed, sweep.dead_letter_retention}}};
  std::size_t left = jobs_per_pass;
  for (const auto& [status, retention] : kept) {
    auto outdated = queue_.ask(
        {"O", std::to_string(static_cast<int>(status)),
         std::to_string((queue_.now() - retention).time_since_epoch().count()),
         std::to_string(left)}
    );
    if (!outdated) {
      return std::move(outdated).error();
    }
    redis_calls calls = queue_.new_calls();
    for (const redis_job& each : *outdated) {
      calls.add(redis_removal(each));
    }
    if (auto answers = queue_.run(calls); !answers) {
      return std::move(answers).error();
    }
    left -= outdated->size();
  }
  return ok();
}

void_result redis_surveys::audit_some() {
  for (std::size_t seen = 0; seen < scan_limit; seen += jobs_per_read) {
    auto jobs = queue_.list_below(":all", audited_down_to_);
    if (!jobs) {
      return std::move(jobs).error();
    }
    redis_calls calls = queue_.new_calls();
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
