// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/optimistic_batch.hpp"

#include "adapters/job_store/job_transitions.hpp"
#include "adapters/job_store/redis/redis_maintenance.hpp"
#include "adapters/job_store/store_limits.hpp"

#include <numeric>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

/// How often a change is decided anew because another coordinator was quicker.
constexpr int most_attempts = 8;

/// What the holder of a lease says about its job.
template <class Change>
concept attempt_change = attempt_report<Change> || attempt_end<Change>;

/// What changes one job by the rules of job_transitions.hpp.
template <class Change>
concept transition =
    attempt_change<Change> || job_change<Change> || std::is_same_v<Change, store_op::retry>;

/// The job that a change is about, where it is about one that exists.
template <class Change>
const job_id* subject_of(const Change& change) {
  if constexpr (attempt_change<Change>) {
    return &change.attempt.job;
  } else if constexpr (transition<Change> || removal<Change>) {
    return &change.id;
  } else {
    return nullptr;
  }
}

const job_id* subject_of(const store_change& change) {
  return std::visit([](const auto& wanted) { return subject_of(wanted); }, change);
}

/// A change for which the script was given a command, and its job as it is if that succeeds.
struct planned_change {
  std::size_t index = 0;  ///< in the batch
  std::optional<redis_job> after;
};

/// What one attempt works on.
struct batch_context {
  redis_queue_client::jobs_by_id jobs;  ///< the subjects of the changes, as they were read
  command_pipeline commands;
  std::vector<planned_change> plan;  ///< one for each command

  void add(std::size_t index, redis_command command, std::optional<redis_job>&& after = {}) {
    commands.add(std::move(command));
    plan.push_back({index, std::move(after)});
  }
};

class optimistic_batch {
 public:
  optimistic_batch(
      redis_queue_client& queue,
      std::span<const store_change> changes,
      std::span<store_reply> replies
  )
      : queue_(queue), changes_(changes), replies_(replies) {}

  /// Returns those of the changes that have to be decided again.
  result<std::vector<std::size_t>> attempt_once(const std::vector<std::size_t>& open) {
    auto jobs = read_subjects(open);
    if (!jobs) {
      return std::move(jobs).error();
    }
    batch_context context{std::move(*jobs), queue_.new_pipeline(), {}};
    context.plan.reserve(open.size());
    plan_all(open, context);
    const auto answers = queue_.run_script(context.commands);
    if (!answers) {
      return answers.error();
    }
    auto again = apply_answers(context.plan, *answers);
    if (!unreadable_.empty()) {
      queue_.set_aside(std::exchange(unreadable_, {}));
    }
    return again;
  }

  void refuse_all(const std::vector<std::size_t>& open, const failure& why) {
    for (const std::size_t index : open) {
      replies_[index] = refusal(why);
    }
  }

 private:
  // Reading.

  result<redis_queue_client::jobs_by_id> read_subjects(const std::vector<std::size_t>& open) {
    redis_queue_client::jobs_by_id known;
    std::vector<job_id> unknown;
    for (const std::size_t index : open) {
      if (const redis_job* leased = find_leased(changes_[index])) {
        known.emplace(leased->stored.value.id, *leased);
      } else if (const job_id* subject = subject_of(changes_[index])) {
        unknown.push_back(*subject);
      }
    }
    if (!unknown.empty() && is_set(queue_.next_due()) && queue_.next_due() <= queue_.now()) {
      // What becomes due between reading and writing would have to be decided anew, out of order.
      command_pipeline none = queue_.new_pipeline();
      if (auto made_due = queue_.run_script(none); !made_due) {
        return std::move(made_due).error();
      }
    }
    auto jobs = queue_.read_jobs(unknown);
    if (jobs) {
      jobs->merge(known);
    }
    return jobs;
  }

  /// The job that an attempt speaks of, where its lease was given here.
  const redis_job* find_leased(const store_change& change) const {
    return std::visit(
        [this]<class Change>(const Change& wanted) -> const redis_job* {
          if constexpr (attempt_change<Change>) {
            return queue_.leases().find(wanted.attempt);
          } else {
            return nullptr;
          }
        },
        change
    );
  }

  // Deciding: a command for the script, or a reply at once.

  void plan_all(const std::vector<std::size_t>& open, batch_context& context) {
    for (const std::size_t index : open) {
      std::visit([&](const auto& change) { plan(change, index, context); }, changes_[index]);
    }
  }

  void plan(const store_op::enqueue& change, std::size_t index, batch_context& context) {
    stored_job stored = admit(change.value, queue_.now());
    auto command = redis_commands::enqueue(stored, change, queue_.cipher());
    context.add(index, std::move(command), redis_job{1, std::move(stored)});
  }

  void plan(const store_op::claim& change, std::size_t index, batch_context& context) {
    context.add(index, redis_commands::claim(change));
  }

  void plan(const store_op::find_expired& /*change*/, std::size_t index, batch_context& context) {
    context.add(index, redis_commands::find_expired(queue_.reaper_term()));
  }

  void plan(const store_op::pause& change, std::size_t index, batch_context& context) {
    context.add(index, redis_commands::pause(change));
  }
  void plan(const store_op::resume& change, std::size_t index, batch_context& context) {
    context.add(index, redis_commands::resume(change));
  }

  template <transition Change>
  void plan(const Change& change, std::size_t index, batch_context& context) {
    const auto found = context.jobs.find(*subject_of(change));
    if (found == context.jobs.end()) {
      refuse(change, index, no_subject(change), context);
      return;
    }
    if (found->second.problem) {
      refuse(change, index, found->second.problem, context);
      return;
    }
    const redis_job before = found->second;
    stored_job& stored = found->second.stored;
    const auto effect = apply(stored, change, queue_.now());
    if (!effect) {
      refuse(change, index, effect.error(), context);
    } else if (*effect == change_effect::applied) {
      auto command = redis_commands::update(before, stored, queue_.cipher());
      context.add(index, std::move(command), redis_job{before.version + 1, std::move(stored)});
    } else {
      replies_[index] = attempt_report<Change> ? store_reply{} : with_job(std::move(stored.value));
    }
  }

  template <removal Change>
  void plan(const Change& change, std::size_t index, batch_context& context) {
    const auto found = context.jobs.find(change.id);
    if (found == context.jobs.end()) {
      replies_[index] = refusal(no_such_job(change.id));
    } else if (failure why = check_removal(found->second.stored.value, change)) {
      replies_[index] = refusal(std::move(why));
    } else {
      auto command = redis_commands::remove(found->second, queue_.cipher());
      context.add(index, std::move(command), std::move(found->second));
    }
  }

  /// Never part of a batch: see redis_maintenance.hpp.
  template <maintenance Change>
  void plan(const Change& /*change*/, std::size_t /*index*/, batch_context& /*context*/) {}

  static failure no_subject(const attempt_change auto& change) {
    return no_such_lease(change.attempt);
  }
  static failure no_subject(const auto& change) { return no_such_job(change.id); }

  template <transition Change>
  void refuse(const Change& change, std::size_t index, failure why, batch_context& context) {
    replies_[index] = refusal(std::move(why));
    if constexpr (attempt_change<Change>) {
      queue_.leases().remove(change.attempt.job);
      context.add(index, redis_commands::count_stale());
    }
  }

  // Compare-and-set: what the script has answered.

  /// Returns the changes that have to be decided again.
  std::vector<std::size_t> apply_answers(
      std::vector<planned_change>& plan, const std::vector<redis_value>& answers
  ) {
    std::vector<std::size_t> again;
    for (std::size_t n = 0; n < plan.size(); ++n) {
      const store_change& change = changes_[plan[n].index];
      const bool is_done = std::visit(
          [&](const auto& wanted) { return apply_answer(wanted, answers[n], plan[n]); }, change
      );
      if (!is_done) {
        queue_.leases().remove(*subject_of(change));
        again.push_back(plan[n].index);
      }
    }
    return again;
  }

  // Each returns false where its change has to be decided again.

  bool apply_answer(const store_op::enqueue& change, redis_value answer, planned_change& planned) {
    store_reply& reply = replies_[planned.index];
    if (answer.is_error()) {
      reply = refusal(to_failure(answer));
    } else if (answer[0].text() == "full") {
      job_counts full;
      full.pending = static_cast<std::uint64_t>(answer[1].number());
      reply = refusal(check_room(full, change.max_waiting));
    } else if (answer[0].text() == "user full") {
      const auto waiting = static_cast<std::uint64_t>(answer[1].number());
      const std::string& user = change.value.request.user_id;
      reply = refusal(check_room_of_user(user, waiting, change.max_waiting_of_user));
    } else if (answer[0].text() == "existing") {
      auto earlier =
          unpack_redis_job(answer[2].text(), queue_.cipher(), redis_id_of(answer[1].text()));
      reply = earlier ? answer_repetition(change.value, std::move(earlier->stored.value))
                      : refusal(earlier.error());
    } else {
      reply = with_job(std::move(planned.after->stored.value));
    }
    return true;
  }

  bool apply_answer(const store_op::claim& change, redis_value answer, planned_change& planned) {
    store_reply& reply = replies_[planned.index];
    auto leased = read_jobs_into(reply, answer, 2);
    const timestamp at{milliseconds{answer[0].number()}};
    reply.has_more = answer[1].number() == 1;
    for (auto& each : leased) {
      if (each.problem) {
        ++each.version;  // by the claim
        unreadable_.push_back(std::move(each));
        continue;
      }
      // Where one was passed over the others move up, as the jobs of the reply do.
      const std::string& worker = change.workers[reply.jobs.size()];
      give_redis_lease(each, worker, change.instance_id, change.lease, at);
      reply.jobs.push_back(each.stored.value);
      queue_.leases().put(std::move(each));
    }
    return true;
  }

  bool apply_answer(
      const store_op::find_expired& /*change*/, redis_value answer, planned_change& planned
  ) {
    store_reply& reply = replies_[planned.index];
    for (redis_job& each : read_jobs_into(reply, answer, 0)) {
      if (each.problem) {
        unreadable_.push_back(std::move(each));
      } else {
        reply.jobs.push_back(std::move(each.stored.value));
      }
    }
    return true;
  }

  bool apply_answer(const store_op::pause& change, redis_value answer, planned_change& planned) {
    replies_[planned.index] = read_pause_change(change.value.type, answer);
    return true;
  }

  bool apply_answer(const store_op::resume& change, redis_value answer, planned_change& planned) {
    replies_[planned.index] = read_pause_change(change.type, answer);
    return true;
  }

  template <class Change>
  requires transition<Change> || removal<Change>
  bool apply_answer(const Change& /*change*/, redis_value answer, planned_change& planned) {
    store_reply& reply = replies_[planned.index];
    if (answer.is_error()) {
      reply = refusal(to_failure(answer));
    } else if (answer[0].text() == "stale") {
      return false;
    } else if (answer[0].text() == "in flight") {
      reply = refusal(conversion_in_flight(planned.after->stored.value));
    } else if (planned.after) {
      update_lease(*planned.after);
      reply =
          attempt_report<Change> ? store_reply{} : with_job(std::move(planned.after->stored.value));
    }
    return true;
  }

  template <maintenance Change>
  bool apply_answer(
      const Change& /*change*/, redis_value /*answer*/, const planned_change& /*planned*/
  ) {
    return true;
  }

  /// The jobs of an answer; where there are none, the reply says why.
  std::vector<redis_job> read_jobs_into(store_reply& reply, redis_value answer, std::size_t first)
      const {
    auto jobs = answer.is_error() ? result<std::vector<redis_job>>{to_failure(answer)}
                                  : read_redis_jobs(answer, queue_.cipher(), first);
    if (!jobs) {
      reply = refusal(jobs.error());
      return {};
    }
    return *std::move(jobs);
  }

  /// Keeps up with what the script has made of a job.
  void update_lease(const redis_job& after) {
    const job& j = after.stored.value;
    if (j.status != job_status::processing) {
      queue_.leases().remove(j.id);
    } else if (queue_.leases().find(current_attempt(j)) != nullptr) {
      queue_.leases().put(after);
    }
  }

  redis_queue_client& queue_;
  std::span<const store_change> changes_;
  std::span<store_reply> replies_;
  std::vector<redis_job> unreadable_;  ///< that were given out, or whose leases have run out
};

}  // namespace

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
    redis_queue_client& queue, std::span<const store_change> changes, std::span<store_reply> replies
) {
  optimistic_batch batch{queue, changes, replies};
  std::vector<std::size_t> open(changes.size());
  std::iota(open.begin(), open.end(), std::size_t{0});
  for (int attempt = 0; !open.empty() && attempt < most_attempts; ++attempt) {
    auto again = batch.attempt_once(open);
    if (!again && attempt == 0) {
      return std::move(again).error();
    }
    if (!again) {
      // What was answered in an earlier attempt stands, claims above all.
      batch.refuse_all(open, again.error());
      return ok();
    }
    open = std::move(*again);
  }
  const failure too_busy{
      error_class::unavailable, "others kept changing the same job", milliseconds{1'000}};
  batch.refuse_all(open, too_busy);
  return ok();
}

}  // namespace stayler::adapters
