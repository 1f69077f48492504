// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/optimistic_batch.hpp"

#include "adapters/job_store/job_transitions.hpp"
#include "adapters/job_store/store_limits.hpp"

#include <optional>
#include <set>
#include <utility>

namespace stayler::adapters {

namespace {

/// How often a change is tried again that another coordinator was quicker than.
constexpr int most_tries = 8;

failure too_busy() {
  return {error_class::unavailable, "others kept changing the same job", milliseconds{1'000}};
}

/// The job that a change is about, where it is about one that exists.
template <class Change>
const job_id* subject_of(const Change& change) {
  if constexpr (requires { change.attempt; }) {
    return &change.attempt.job;
  } else if constexpr (requires { change.id; }) {
    return &change.id;
  } else {
    return nullptr;
  }
}

const job_id* subject_of(const store_change& change) {
  return std::visit([](const auto& wanted) { return subject_of(wanted); }, change);
}

void answer_all(
    const std::vector<std::size_t>& open, const failure& error, std::vector<store_reply>& replies
) {
  for (const std::size_t i : open) {
    replies[i] = {error, {}, false};
  }
}

class optimistic_batch {
 public:
  optimistic_batch(redis_queue& queue, std::span<const store_change> batch)
      : queue_(queue), batch_(batch) {}

  /// Returns the changes that have to be decided anew.
  result<std::vector<std::size_t>> try_round(
      const std::vector<std::size_t>& open, std::vector<store_reply>& replies
  ) {
    std::vector<job_id> ids;
    redis_queue::jobs_by_id known;
    for (const std::size_t i : open) {
      if (const redis_job* leased = leased_job(batch_[i])) {
        known.emplace(leased->stored.value.id, *leased);
      } else if (const job_id* subject = subject_of(batch_[i])) {
        ids.push_back(*subject);
      }
    }
    if (!ids.empty() && is_set(queue_.next_due()) && queue_.next_due() <= queue_.now()) {
      // What becomes due between reading and writing would have to be decided anew, out of order.
      script_commands only_due = queue_.new_calls();
      if (auto done = queue_.run(only_due); !done) {
        return std::move(done).error();
      }
    }
    auto jobs = queue_.read(ids);
    if (!jobs) {
      return std::move(jobs).error();
    }
    jobs->merge(known);
    script_commands calls = queue_.new_calls();
    std::vector<planned> plan;
    for (const std::size_t i : open) {
      std::visit(
          [&](const auto& change) {
            plan_change(change, *jobs, {i, {}}, calls, plan, replies[i]);
          },
          batch_[i]
      );
    }
    auto answers = queue_.run(calls);
    if (!answers) {
      return std::move(answers).error();
    }
    std::vector<std::size_t> stale;
    for (std::size_t n = 0; n < plan.size(); ++n) {
      const std::size_t i = plan[n].index;
      const bool is_done = std::visit(
          [&](const auto& change) {
            return read_answer(change, (*answers)[n], plan[n], replies[i]);
          },
          batch_[i]
      );
      if (!is_done) {
        queue_.leases().forget(*subject_of(batch_[i]));
        stale.push_back(i);
      }
    }
    return stale;
  }

 private:
  /// A change of a round, and the job as it is if the script takes it.
  struct planned {
    std::size_t index = 0;
    std::optional<redis_job> after;
  };

  /// The job that the change of an attempt is about, where its lease was given here.
  const redis_job* leased_job(const store_change& change) const {
    return std::visit(
        [this](const auto& wanted) -> const redis_job* {
          if constexpr (requires { wanted.attempt; }) {
            return queue_.leases().find(wanted.attempt);
          } else {
            return nullptr;
          }
        },
        change
    );
  }

  /// Keeps up with what the script has made of a job.
  void note_change(const redis_job& after) {
    const job& j = after.stored.value;
    if (j.status != job_status::processing) {
      queue_.leases().forget(j.id);
    } else if (queue_.leases().find(current_attempt(j)) != nullptr) {
      queue_.leases().note(after);
    }
  }

  // What the script is asked, by kind of change.

  void plan_change(
      const store_op::enqueue& change,
      const redis_queue::jobs_by_id& /*jobs*/,
      planned what,
      script_commands& calls,
      std::vector<planned>& plan,
      store_reply& /*reply*/
  ) {
    stored_job stored = admit(change.value, queue_.now());
    calls.add_intake(redis_intake(stored, change.max_waiting));
    what.after = redis_job{1, std::move(stored)};
    plan.push_back(std::move(what));
  }

  void plan_change(
      const store_op::claim& change,
      const redis_queue::jobs_by_id& /*jobs*/,
      planned what,
      script_commands& calls,
      std::vector<planned>& plan,
      store_reply& /*reply*/
  ) {
    std::vector<std::string> arguments{
        "C", std::to_string(change.lease.count()), change.owner,
        std::to_string(change.workers.size())};
    arguments.insert(arguments.end(), change.workers.begin(), change.workers.end());
    arguments.push_back(std::to_string(change.except.size()));
    for (const job_type type : change.except) {
      arguments.push_back(std::to_string(static_cast<int>(type)));
    }
    calls.add(std::move(arguments));
    plan.push_back(std::move(what));
  }

  void plan_change(
      const store_op::find_expired& /*change*/,
      const redis_queue::jobs_by_id& /*jobs*/,
      planned what,
      script_commands& calls,
      std::vector<planned>& plan,
      store_reply& /*reply*/
  ) {
    calls.add({"F", queue_.reaper_term()});
    plan.push_back(std::move(what));
  }

  void plan_change(
      const store_op::pause& change,
      const redis_queue::jobs_by_id& /*jobs*/,
      planned what,
      script_commands& calls,
      std::vector<planned>& plan,
      store_reply& /*reply*/
  ) {
    calls.add({"P", std::to_string(static_cast<int>(change.type)), change.is_paused ? "1" : "0"});
    plan.push_back(std::move(what));
  }

  template <class Change>
  requires attempt_report<Change> || attempt_end<Change> || job_change<
      Change> || std::is_same_v<Change, store_op::retry>
  void plan_change(
      const Change& change,
      redis_queue::jobs_by_id& jobs,
      planned what,
      script_commands& calls,
      std::vector<planned>& plan,
      store_reply& reply
  ) {
    constexpr bool is_attempts = attempt_report<Change> || attempt_end<Change>;
    const auto found = jobs.find(*subject_of(change));
    failure refused;
    if (found == jobs.end()) {
      if constexpr (is_attempts) {
        refused = no_such_lease(change.attempt);
      } else {
        refused = no_such_job(change.id);
      }
    } else {
      const redis_job before = found->second;
      const auto effect = apply(found->second.stored, change, queue_.now());
      if (!effect) {
        refused = effect.error();
      } else if (*effect == change_effect::applied) {
        calls.add(redis_update(before, found->second.stored));
        what.after = redis_job{before.version + 1, std::move(found->second.stored)};
        plan.push_back(std::move(what));
        return;
      } else if (!attempt_report<Change>) {
        reply = {{}, {found->second.stored.value}, false};
        return;
      } else {
        reply = {};
        return;
      }
    }
    reply = {refused, {}, false};
    if (is_attempts) {
      queue_.leases().forget(*subject_of(change));
      calls.add({"N"});
      plan.push_back(std::move(what));
    }
  }

  void plan_change(
      const store_op::drop& change,
      redis_queue::jobs_by_id& jobs,
      planned what,
      script_commands& calls,
      std::vector<planned>& plan,
      store_reply& reply
  ) {
    const auto found = jobs.find(change.id);
    if (found == jobs.end()) {
      reply = {no_such_job(change.id), {}, false};
      return;
    }
    if (failure refused = check_drop(found->second.stored.value)) {
      reply = {std::move(refused), {}, false};
      return;
    }
    calls.add(redis_removal(found->second));
    what.after = std::move(found->second);
    plan.push_back(std::move(what));
  }

  template <class Change>
  void plan_change(
      const Change& /*survey*/,
      const redis_queue::jobs_by_id& /*jobs*/,
      const planned& /*what*/,
      script_commands& /*calls*/,
      std::vector<planned>& /*plan*/,
      store_reply& /*reply*/
  ) {}

  // What the script has answered; false where the change has to be decided anew.

  bool read_answer(
      const store_op::enqueue& change, redis_value answer, planned& what, store_reply& reply
  ) {
    if (answer.is_error()) {
      reply = {to_failure(answer), {}, false};
    } else if (answer[0].text() == "full") {
      job_counts full;
      full.pending = static_cast<std::uint64_t>(answer[1].number());
      reply = {check_room(full, change.max_waiting), {}, false};
    } else if (answer[0].text() == "existing") {
      auto earlier = unpack_redis_job(answer[1].text());
      reply = earlier ? store_reply{{}, {std::move(earlier->stored.value)}, true}
                      : store_reply{earlier.error(), {}, false};
    } else {
      reply = {{}, {std::move(what.after->stored.value)}, false};
    }
    return true;
  }

  bool read_answer(
      const store_op::claim& change, redis_value answer, planned& /*what*/, store_reply& reply
  ) {
    auto leased = read_jobs_into(reply, answer, 1);
    for (std::size_t i = 0; i < leased.size(); ++i) {
      const timestamp at{milliseconds{answer[0].number()}};
      give_redis_lease(leased[i], change.workers[i], change.owner, change.lease, at);
      reply.jobs.push_back(leased[i].stored.value);
      queue_.leases().note(std::move(leased[i]));
    }
    return true;
  }

  bool read_answer(
      const store_op::find_expired& /*change*/,
      redis_value answer,
      planned& /*what*/,
      store_reply& reply
  ) {
    for (redis_job& each : read_jobs_into(reply, answer)) {
      reply.jobs.push_back(std::move(each.stored.value));
    }
    return true;
  }

  template <class Change>
  bool read_answer(
      const Change& /*change*/, redis_value answer, planned& what, store_reply& reply
  ) {
    if (answer.is_error()) {
      reply = {to_failure(answer), {}, false};
      return true;
    }
    if (answer[0].text() == "stale") {
      return false;
    }
    if (answer[0].text() == "in flight") {
      reply = {conversion_in_flight(what.after->stored.value), {}, false};
      return true;
    }
    if (what.after) {
      note_change(*what.after);
      reply = {};
      if constexpr (!attempt_report<Change>) {
        reply.jobs.push_back(std::move(what.after->stored.value));
      }
    }
    return true;
  }

  /// The jobs of an answer; where there are none, the reply says why.
  static std::vector<redis_job> read_jobs_into(
      store_reply& reply, redis_value answer, std::size_t first = 0
  ) {
    auto jobs = answer.is_error() ? result<std::vector<redis_job>>{to_failure(answer)}
                                  : read_redis_jobs(answer, first);
    if (!jobs) {
      reply = {jobs.error(), {}, false};
      return {};
    }
    return *std::move(jobs);
  }

  redis_queue& queue_;
  std::span<const store_change> batch_;
};

}  // namespace

bool is_maintenance(const store_change& change) {
  return std::holds_alternative<store_op::reclaim>(change)
         || std::holds_alternative<store_op::purge>(change)
         || std::holds_alternative<store_op::verify_indexes>(change);
}

std::size_t conflict_free_prefix(std::span<const store_change> batch, std::size_t begin) {
  std::set<job_id> touched;
  bool has_claim = false;
  for (std::size_t i = begin; i < batch.size(); ++i) {
    const store_change& change = batch[i];
    if (is_maintenance(change)) {
      return i == begin ? begin + 1 : i;
    }
    const job_id* subject = subject_of(change);
    if (subject != nullptr && (has_claim || !touched.insert(*subject).second)) {
      return i;
    }
    if (const auto* intake = std::get_if<store_op::enqueue>(&change)) {
      touched.insert(intake->value.id);
    }
    has_claim = has_claim || std::holds_alternative<store_op::claim>(change);
  }
  return batch.size();
}

void_result perform_optimistic_batch(
    redis_queue& queue,
    std::span<const store_change> batch,
    std::size_t begin,
    std::size_t end,
    std::vector<store_reply>& replies
) {
  optimistic_batch round{queue, batch};
  std::vector<std::size_t> open;
  for (std::size_t i = begin; i < end; ++i) {
    open.push_back(i);
  }
  for (int tries = 0; !open.empty() && tries < most_tries; ++tries) {
    auto left = round.try_round(open, replies);
    if (!left && tries == 0) {
      return std::move(left).error();
    }
    if (!left) {
      // What was answered in an earlier try stands, claims above all.
      answer_all(open, left.error(), replies);
      return ok();
    }
    open = std::move(*left);
  }
  answer_all(open, too_busy(), replies);
  return ok();
}

}  // namespace stayler::adapters
