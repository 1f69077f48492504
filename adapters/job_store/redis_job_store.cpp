// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis_job_store.hpp"

#include "adapters/job_store/job_transitions.hpp"
#include "adapters/job_store/redis_calls.hpp"
#include "adapters/job_store/redis_job_script.hpp"
#include "adapters/job_store/redis_job_value.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "adapters/redis/redis_listener.hpp"
#include "adapters/redis/redis_script.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace stayler::adapters {

namespace {

/// How often a change is tried again that another coordinator was quicker than.
constexpr int most_tries = 8;

/// Jobs that a listing or an audit reads at a time.
constexpr std::size_t jobs_per_read = 500;

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

/// True for what takes reading before writing over many jobs, and so is done by itself.
bool is_survey(const store_change& change) {
  return std::holds_alternative<store_op::reclaim>(change)
         || std::holds_alternative<store_op::sweep>(change)
         || std::holds_alternative<store_op::audit>(change);
}

/// Where the next round of a batch ends: a change may not be about a job that an earlier one of
/// its round may change, since all of a round are decided on what was read before it.
std::size_t end_of_round(std::span<const store_change> batch, std::size_t begin) {
  std::set<job_id> touched;
  bool has_claim = false;
  for (std::size_t i = begin; i < batch.size(); ++i) {
    const store_change& change = batch[i];
    if (is_survey(change)) {
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

class redis_job_store final : public job_store {
 public:
  explicit redis_job_store(redis_job_store_options options)
      : options_(std::move(options)),
        prefix_("{" + options_.queue + "}"),
        name_(to_string(make_uuid_v7(std::chrono::system_clock::now()))),
        script_(options_.server, redis_job_script()) {}

  void_result start() { return script_.connect(); }

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    now_ = now;
    store_outcome outcome;
    outcome.replies.resize(batch.size());
    failure broken = take_back_lost_claims();
    std::size_t begin = 0;
    while (!broken && begin < batch.size()) {
      const std::size_t end = end_of_round(batch, begin);
      const auto done = perform_round(batch, begin, end, outcome.replies);
      if (!done) {
        broken = done.error();
        note_lost_claims(batch.subspan(begin, end - begin));
        break;
      }
      begin = end;
    }
    if (batch.empty()) {
      redis_calls only_due{arguments_of_run()};
      static_cast<void>(run(only_due));
    }
    for (; begin < batch.size(); ++begin) {
      outcome.replies[begin] = {broken, {}, false};
    }
    outcome.counts = counts_;
    outcome.next_due = next_due_;
    return outcome;
  }

  result<job> find(const job_id& id) override {
    auto read = read_jobs({id});
    if (!read) {
      return std::move(read).error();
    }
    const auto found = read->find(id);
    return found == read->end() ? result<job>{no_such_job(id)}
                                : std::move(found->second.stored.value);
  }

  result<job_page> list(const job_filter& filter) override {
    const std::size_t limit = page_limit(filter);
    const std::vector dead{job_status::failed};
    const std::string set = filter.statuses == dead ? ":failed" : ":all";
    std::string before = filter.before.value.is_nil() ? std::string{} : redis_id(filter.before);
    job_page page;
    for (std::size_t seen = 0; seen < scan_limit;) {
      auto listed = list_below(set, before);
      if (!listed) {
        return std::move(listed).error();
      }
      for (redis_job& candidate : *listed) {
        if (page.jobs.size() == limit) {
          return page;
        }
        page.next = candidate.stored.value.id;
        if (matches(candidate.stored.value, filter)) {
          page.jobs.push_back(std::move(candidate.stored.value));
        }
      }
      if (listed->size() < jobs_per_read) {
        page.next = {};
        return page;
      }
      before = redis_id(page.next);
      seen += listed->size();
    }
    return page;
  }

  result<waiting_status> waiting() override {
    redis_calls calls{arguments_of_run()};
    calls.add({"W"});
    auto answers = run(calls);
    if (!answers) {
      return std::move(answers).error();
    }
    const redis_value answer = answers->front();
    if (answer.is_error()) {
      return to_failure(answer);
    }
    waiting_status status;
    if (!answer[0].is_nil()) {
      auto oldest = unpack_redis_job(answer[0].text());
      if (!oldest) {
        return std::move(oldest).error();
      }
      status.oldest_pending = oldest->stored.value.created_at;
    }
    for (std::size_t i = 0; i < answer[1].size(); ++i) {
      status.paused.push_back(static_cast<job_type>(answer[1][i].number()));
    }
    std::sort(status.paused.begin(), status.paused.end());
    return status;
  }

  result<job_counts> counts() override {
    redis_calls calls{arguments_of_run()};
    calls.add({"W"});
    auto answers = run(calls);
    return answers ? result<job_counts>{counts_} : std::move(answers).error();
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return true; }

  void on_news(std::function<void()> told) override {
    listener_.emplace(
        options_.server, prefix_ + ":wake",
        [told = std::move(told), name = name_](std::string_view sender) {
          if (sender != name) {
            told();
          }
        }
    );
  }

 private:
  using jobs_by_id = std::map<job_id, redis_job>;

  /// A change of a round, and what its reply says if the script takes it.
  struct planned {
    std::size_t index = 0;
    std::optional<job> after;
  };

  [[nodiscard]] std::vector<std::string> arguments_of_run() const {
    const bool is_virtual = options_.clock == redis_job_store_options::time_source::caller;
    return {is_virtual ? std::to_string(now_.time_since_epoch().count()) : "", name_};
  }

  /// Runs the calls; keeps what each answer says of the whole queue.
  result<std::vector<redis_value>> run(redis_calls& calls) {
    auto replies = script_.run(prefix_, std::move(calls).argument_lists());
    if (!replies) {
      return std::move(replies).error();
    }
    last_replies_ = std::move(*replies);
    for (const redis_reply& reply : last_replies_) {
      if (!reply.value().is_error()) {
        note_state(reply.value());
      }
    }
    return calls.answers_in(last_replies_);
  }

  void note_state(redis_value answer) {
    const redis_value counts = answer[1];
    const auto number = [&](std::size_t i) {
      return static_cast<std::uint64_t>(counts[i].number());
    };
    counts_ = {
        number(0),
        number(1),
        number(2),
        number(3),
        number(4),
        number(5),
        number(6),
        milliseconds{counts[7].number()},
        timestamp{milliseconds{counts[8].number()}},
        number(9),
        number(10),
        number(11)};
    next_due_ = timestamp{milliseconds{answer[2].number()}};
  }

  result<jobs_by_id> read_jobs(const std::vector<job_id>& ids) {
    if (ids.empty()) {
      return jobs_by_id{};
    }
    std::vector<std::vector<std::string>> commands{{"TIME"}, {"HMGET", prefix_ + ":jobs"}};
    std::transform(ids.begin(), ids.end(), std::back_inserter(commands[1]), redis_id);
    auto replies = script_.pipeline(commands);
    if (!replies) {
      return std::move(replies).error();
    }
    for (const redis_reply& reply : *replies) {
      if (reply.value().is_error()) {
        return to_failure(reply.value());
      }
    }
    note_time((*replies)[0].value());
    jobs_by_id jobs;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const redis_value found = (*replies)[1].value()[i];
      if (found.is_nil()) {
        continue;
      }
      auto read = unpack_redis_job(found.text());
      if (!read) {
        return std::move(read).error();
      }
      jobs.emplace(ids[i], std::move(*read));
    }
    return jobs;
  }

  void note_time(redis_value time) {
    if (options_.clock == redis_job_store_options::time_source::server) {
      now_ = timestamp{milliseconds{time[0].number() * 1'000 + time[1].number() / 1'000}};
    }
  }

  static result<std::vector<redis_job>> to_jobs(
      redis_value values, std::size_t first = 0, std::size_t step = 1
  ) {
    std::vector<redis_job> jobs;
    for (std::size_t i = first; i < values.size(); i += step) {
      if (values[i].is_nil()) {
        continue;
      }
      auto read = unpack_redis_job(values[i].text());
      if (!read) {
        return std::move(read).error();
      }
      jobs.push_back(std::move(*read));
    }
    return jobs;
  }

  /// The jobs that one call of the script finds.
  result<std::vector<redis_job>> ask(
      std::vector<std::string> change, std::size_t first = 0, std::size_t step = 1
  ) {
    redis_calls calls{arguments_of_run()};
    calls.add(std::move(change));
    auto answers = run(calls);
    if (!answers) {
      return std::move(answers).error();
    }
    return answers->front().is_error() ? to_failure(answers->front())
                                       : to_jobs(answers->front(), first, step);
  }

  result<std::vector<redis_job>> list_below(const std::string& set, const std::string& before) {
    return ask({"L", set, before, std::to_string(jobs_per_read)}, 1, 2);
  }

  /// All changes of one round. Those that another coordinator was quicker than are decided anew.
  void_result perform_round(
      std::span<const store_change> batch,
      std::size_t begin,
      std::size_t end,
      std::vector<store_reply>& replies
  ) {
    if (is_survey(batch[begin])) {
      return perform_survey(batch[begin], replies[begin]);
    }
    std::vector<std::size_t> open;
    for (std::size_t i = begin; i < end; ++i) {
      open.push_back(i);
    }
    for (int tries = 0; !open.empty(); ++tries) {
      if (tries == most_tries) {
        for (const std::size_t i : open) {
          replies[i] = {too_busy(), {}, false};
        }
        return ok();
      }
      auto left = try_round(batch, open, replies);
      if (!left) {
        return std::move(left).error();
      }
      open = std::move(*left);
    }
    return ok();
  }

  /// Returns the changes that have to be decided anew.
  result<std::vector<std::size_t>> try_round(
      std::span<const store_change> batch,
      const std::vector<std::size_t>& open,
      std::vector<store_reply>& replies
  ) {
    std::vector<job_id> ids;
    for (const std::size_t i : open) {
      if (const job_id* subject = subject_of(batch[i])) {
        ids.push_back(*subject);
      }
    }
    if (!ids.empty() && is_set(next_due_) && next_due_ <= now_) {
      // What becomes due between reading and writing would have to be decided anew, out of order.
      redis_calls only_due{arguments_of_run()};
      if (auto done = run(only_due); !done) {
        return std::move(done).error();
      }
    }
    auto jobs = read_jobs(ids);
    if (!jobs) {
      return std::move(jobs).error();
    }
    redis_calls calls{arguments_of_run()};
    std::vector<planned> plan;
    for (const std::size_t i : open) {
      std::visit(
          [&](const auto& change) {
            plan_change(change, *jobs, {i, {}}, calls, plan, replies[i]);
          },
          batch[i]
      );
    }
    auto answers = run(calls);
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
          batch[i]
      );
      if (!is_done) {
        stale.push_back(i);
      }
    }
    return stale;
  }

  // What the script is asked, by kind of change.

  void plan_change(
      const store_op::enqueue& change,
      const jobs_by_id& /*jobs*/,
      planned what,
      redis_calls& calls,
      std::vector<planned>& plan,
      store_reply& /*reply*/
  ) {
    stored_job stored = admit(change.value, now_);
    const job& j = stored.value;
    const job_request& request = j.request;
    calls.add_intake(
        {"E", redis_id(j.id), pack_redis_job({1, stored}), status_of(j), redis_line(stored),
         time_of(j), redis_digest(request.user_id, request.idempotency_key),
         redis_digest(request.user_id, request.conversion_id), std::to_string(change.max_waiting)}
    );
    what.after = std::move(stored.value);
    plan.push_back(std::move(what));
  }

  void plan_change(
      const store_op::claim& change,
      const jobs_by_id& /*jobs*/,
      planned what,
      redis_calls& calls,
      std::vector<planned>& plan,
      store_reply& /*reply*/
  ) {
    std::vector<std::string> arguments{
        "C", std::to_string(change.lease.count()), change.owner,
        std::to_string(change.workers.size())};
    arguments.insert(arguments.end(), change.workers.begin(), change.workers.end());
    calls.add(std::move(arguments));
    plan.push_back(std::move(what));
  }

  void plan_change(
      const store_op::find_expired& /*change*/,
      const jobs_by_id& /*jobs*/,
      planned what,
      redis_calls& calls,
      std::vector<planned>& plan,
      store_reply& /*reply*/
  ) {
    calls.add({"F"});
    plan.push_back(std::move(what));
  }

  void plan_change(
      const store_op::pause& change,
      const jobs_by_id& /*jobs*/,
      planned what,
      redis_calls& calls,
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
      jobs_by_id& jobs,
      planned what,
      redis_calls& calls,
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
      const auto effect = apply(found->second.stored, change, now_);
      if (!effect) {
        refused = effect.error();
      } else if (*effect == change_effect::applied) {
        calls.add(update(before, found->second.stored));
        what.after = found->second.stored.value;
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
      calls.add({"N"});
      plan.push_back(std::move(what));
    }
  }

  void plan_change(
      const store_op::drop& change,
      jobs_by_id& jobs,
      planned what,
      redis_calls& calls,
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
    calls.add(removal(found->second));
    what.after = found->second.stored.value;
    plan.push_back(std::move(what));
  }

  template <class Change>
  void plan_change(
      const Change& /*survey*/,
      const jobs_by_id& /*jobs*/,
      const planned& /*what*/,
      redis_calls& /*calls*/,
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
      reply = {{}, {std::move(*what.after)}, false};
    }
    return true;
  }

  bool read_answer(
      const store_op::claim& /*change*/, redis_value answer, planned& /*what*/, store_reply& reply
  ) {
    read_jobs_into(reply, answer);
    for (const job& leased : reply.jobs) {
      held_[leased.id] = leased.token;
    }
    return true;
  }

  bool read_answer(
      const store_op::find_expired& /*change*/,
      redis_value answer,
      planned& /*what*/,
      store_reply& reply
  ) {
    read_jobs_into(reply, answer);
    return true;
  }

  template <class Change>
  bool read_answer(const Change& change, redis_value answer, planned& what, store_reply& reply) {
    if (answer.is_error()) {
      reply = {to_failure(answer), {}, false};
      return true;
    }
    if (answer[0].text() == "stale") {
      return false;
    }
    if (answer[0].text() == "in flight") {
      reply = {conversion_in_flight(*what.after), {}, false};
      return true;
    }
    if (what.after) {
      reply = {};
      if constexpr (!attempt_report<Change>) {
        reply.jobs.push_back(std::move(*what.after));
      }
    }
    if constexpr (attempt_end<Change>) {
      held_.erase(change.attempt.job);
    }
    return true;
  }

  static void read_jobs_into(store_reply& reply, redis_value answer) {
    if (answer.is_error()) {
      reply = {to_failure(answer), {}, false};
      return;
    }
    auto jobs = to_jobs(answer);
    if (!jobs) {
      reply = {jobs.error(), {}, false};
      return;
    }
    for (redis_job& each : *jobs) {
      reply.jobs.push_back(std::move(each.stored.value));
    }
  }

  // Changes to what many jobs have in common.

  void_result perform_survey(const store_change& change, store_reply& reply) {
    if (const auto* reclaim = std::get_if<store_op::reclaim>(&change)) {
      return take_back(
          [&](const stored_job& stored) { return stored.owner == reclaim->owner; }, reply
      );
    }
    if (const auto* sweep = std::get_if<store_op::sweep>(&change)) {
      return remove_outdated(*sweep);
    }
    return audit_some();
  }

  template <class Predicate>
  void_result take_back(Predicate is_wanted, store_reply& reply) {
    std::vector<std::vector<std::string>> command{{"ZRANGE", prefix_ + ":leases", "0", "-1"}};
    auto leases = script_.pipeline(command);
    if (!leases) {
      return std::move(leases).error();
    }
    std::vector<job_id> ids;
    const redis_value found = leases->front().value();
    for (std::size_t i = 0; i < found.size(); ++i) {
      job_id id;
      std::copy_n(found[i].text().begin(), id.value.bytes.size(), id.value.bytes.begin());
      ids.push_back(id);
    }
    auto jobs = read_jobs(ids);
    if (!jobs) {
      return std::move(jobs).error();
    }
    redis_calls calls{arguments_of_run()};
    std::vector<job> taken;
    for (auto& [id, held] : *jobs) {
      if (held.stored.value.status == job_status::processing && is_wanted(held.stored)) {
        const redis_job before = held;
        take_lease_back(held.stored, now_);
        calls.add(update(before, held.stored));
        taken.push_back(held.stored.value);
      }
    }
    auto answers = run(calls);
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

  void_result remove_outdated(const store_op::sweep& sweep) {
    const std::array<std::pair<job_status, milliseconds>, 3> kept{
        {{job_status::completed, sweep.retention},
         {job_status::cancelled, sweep.retention},
         {job_status::failed, sweep.dead_letter_retention}}};
    std::size_t left = jobs_per_pass;
    for (const auto& [status, retention] : kept) {
      auto outdated = ask(
          {"O", std::to_string(static_cast<int>(status)),
           std::to_string((now_ - retention).time_since_epoch().count()), std::to_string(left)}
      );
      if (!outdated) {
        return std::move(outdated).error();
      }
      redis_calls calls{arguments_of_run()};
      for (const redis_job& each : *outdated) {
        calls.add(removal(each));
      }
      if (auto answers = run(calls); !answers) {
        return std::move(answers).error();
      }
      left -= outdated->size();
    }
    return ok();
  }

  /// Goes on where the last audit stopped.
  void_result audit_some() {
    for (std::size_t seen = 0; seen < scan_limit; seen += jobs_per_read) {
      auto jobs = list_below(":all", audited_down_to_);
      if (!jobs) {
        return std::move(jobs).error();
      }
      redis_calls calls{arguments_of_run()};
      for (const redis_job& each : *jobs) {
        const job& j = each.stored.value;
        calls.add(
            {"K", redis_id(j.id), std::to_string(each.version), status_of(j),
             redis_line(each.stored), time_of(j)}
        );
      }
      if (auto answers = run(calls); !answers) {
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

  // A claim whose answer got lost has leased jobs that nobody works on.

  void note_lost_claims(std::span<const store_change> unknown) {
    for (const store_change& change : unknown) {
      if (const auto* claim = std::get_if<store_op::claim>(&change)) {
        lost_claims_of_ = claim->owner;
      }
    }
  }

  failure take_back_lost_claims() {
    if (lost_claims_of_.empty()) {
      return {};
    }
    store_reply taken;
    const auto done = take_back(
        [this](const stored_job& stored) {
          const auto known = held_.find(stored.value.id);
          const bool is_known = known != held_.end() && known->second == stored.value.token;
          return stored.owner == lost_claims_of_ && !is_known;
        },
        taken
    );
    if (!done) {
      return done.error();
    }
    lost_claims_of_.clear();
    return {};
  }

  // How the script is told of a job.

  static std::string status_of(const job& j) { return std::to_string(static_cast<int>(j.status)); }

  /// What its status waits for: its due time, the end of its lease, the end of its retention.
  static std::string time_of(const job& j) {
    const timestamp at = j.status == job_status::scheduled    ? j.due_at
                         : j.status == job_status::processing ? j.lease_expires_at
                                                              : j.completed_at;
    return std::to_string(at.time_since_epoch().count());
  }

  static std::vector<std::string> update(const redis_job& before, const stored_job& after) {
    const job& was = before.stored.value;
    const job& is = after.value;
    job_counts change;
    count_transition(change, was.status, is);
    return {
        "U",
        redis_id(is.id),
        std::to_string(before.version),
        pack_redis_job({before.version + 1, after}),
        status_of(was),
        redis_line(before.stored),
        status_of(is),
        redis_line(after),
        time_of(is),
        redis_digest(is.request.user_id, is.request.conversion_id),
        std::to_string(change.completed_job_time.count()),
        std::to_string(change.last_finished_at.time_since_epoch().count()),
        std::to_string(change.ambiguous_calls)};
  }

  static std::vector<std::string> removal(const redis_job& removed) {
    const job& j = removed.stored.value;
    return {
        "X", redis_id(j.id), std::to_string(removed.version), status_of(j),
        redis_digest(j.request.user_id, j.request.idempotency_key)};
  }

  redis_job_store_options options_;
  std::string prefix_;
  std::string name_;  ///< of this store, among those that share the queue
  redis_script script_;
  std::optional<redis_listener> listener_;
  std::vector<redis_reply> last_replies_;  ///< what the values of the last run point into
  timestamp now_;
  job_counts counts_;
  timestamp next_due_;
  std::string audited_down_to_;
  std::unordered_map<job_id, fencing_token> held_;  ///< leases whose claim was answered
  std::string lost_claims_of_;                      ///< owner of claims that were not
};

}  // namespace

result<std::unique_ptr<job_store>> open_redis_job_store(const redis_job_store_options& options) {
  auto store = std::make_unique<redis_job_store>(options);
  const auto started = store->start();
  if (!started && started.error().kind != error_class::unavailable) {
    return started.error();
  }
  return std::unique_ptr<job_store>{std::move(store)};
}

}  // namespace stayler::adapters
