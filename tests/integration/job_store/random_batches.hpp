// SPDX-License-Identifier: MIT
#pragma once

// Random batches against a store and against a model of it. Proves what no single case can: nothing
// accepted is lost, no job has two leases, counts are what they count, final states stand, turns
// are kept.

#include "tests/integration/job_store/job_store_model.hpp"

#include <algorithm>
#include <functional>
#include <random>

namespace stayler::adapters::conformance {

/// Makes batches of random changes, and says of each what its reply has to be.
class random_batches {
 public:
  random_batches(const store_maker& make, std::uint32_t seed)
      : make_(make), driver_(make.open()), random_(seed) {}

  void run(int batches) {
    for (int i = 0; i < batches; ++i) {
      driver_.now += milliseconds{pick(40)};
      run_batch();
      if (i % 50 == 49) {
        model_.check_all(driver_);
      }
      if (make_.reopen && i % 200 == 199) {
        reopen();
        model_.forget_turns();
      }
    }
    model_.check_all(driver_);
  }

 private:
  using expectation = std::function<void(const store_reply&)>;

  std::uint32_t pick(std::uint32_t below) {
    return std::uniform_int_distribution<std::uint32_t>{0, below - 1}(random_);
  }

  model_job* pick_job() {
    return model_.jobs.empty() ? nullptr
                               : &model_.jobs[pick(static_cast<std::uint32_t>(model_.jobs.size()))];
  }

  /// Mostly a job that runs, so that most changes mean something.
  model_job* pick_running() {
    std::vector<model_job*> running;
    for (model_job& j : model_.jobs) {
      if (j.status == job_status::processing) {
        running.push_back(&j);
      }
    }
    const auto size = static_cast<std::uint32_t>(running.size());
    return running.empty() || pick(5) == 0 ? pick_job() : running[pick(size)];
  }

  void run_batch() {
    model_.make_due(driver_.now);
    batch_.clear();
    expected_.clear();
    const std::uint32_t size = 1 + pick(8);
    for (std::uint32_t i = 0; i < size; ++i) {
      add_change();
    }
    // What a claim brings is the store's choice, so it is the last of its batch.
    const std::size_t claimed = pick(3) == 0 ? 1 + pick(4) : 0;
    const std::string instance_id = pick(2) == 0 ? "host-1" : "host-2";
    if (claimed > 0) {
      model_.rule = static_cast<suspect_rule>(pick(3));
      batch_.emplace_back(store_op::claim{
          std::vector<std::string>(claimed, "w"), instance_id, lease_time, {}, model_.rule});
    }
    const store_outcome outcome = driver_.store->execute(batch_, driver_.now);
    REQUIRE(outcome.replies.size() == batch_.size());
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      expected_[i](outcome.replies[i]);
    }
    if (claimed > 0) {
      model_.check_claim(outcome.replies.back().jobs, claimed, instance_id, driver_.now);
      const bool are_left_out = model_.rule == suspect_rule::left_out && model_.has_suspects();
      REQUIRE(outcome.replies.back().has_more == are_left_out);
    }
    model_.check_counts(outcome);
  }

  void add_change() {
    switch (pick(17)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return add_enqueue();
      case 4:
      case 5:
        return end_attempt(job_status::completed);
      case 6:
        return end_attempt(job_status::failed);
      case 7:
      case 8:
        return end_attempt(pick(2) == 0 ? job_status::pending : job_status::scheduled);
      case 9:
        return add_renew();
      case 10:
        return add_cancel();
      case 11:
        return pick(3) == 0 ? add_make_available() : add_prioritize();
      case 12:
        return add_find_expired();
      case 13:
        return add_retry();
      case 14:
        return pick(3) == 0 ? add_removal() : add_call();
      case 15:
        return pick(4) == 0 ? add_pause() : add_verify_indexes();
      default:
        return pick(10) == 0 ? add_reclaim() : add_purge();
    }
  }

  void add(store_change change, expectation expected) {
    batch_.push_back(std::move(change));
    expected_.push_back(std::move(expected));
  }

  void expect_error(store_change change, error_class kind) {
    add(std::move(change), [kind](const store_reply& reply) { REQUIRE(reply.error.kind == kind); });
  }

  void expect_allowed(store_change change, bool is_allowed) {
    expect_error(std::move(change), is_allowed ? error_class::none : error_class::conflict);
  }

  void add_enqueue() {
    job j = driver_.new_job("user-" + std::to_string(pick(4)), 1 + pick(20));
    j.request.type = pick(3) == 0 ? job_type::image_processing : job_type::image_conversion;
    if (pick(3) == 0) {
      j.request.idempotency_key = "key-" + std::to_string(pick(20));
      j.request.fingerprint = pick(2) == 0 ? "" : "print-" + std::to_string(pick(2));
    }
    if (pick(4) == 0) {
      j.request.webhook_url = "https://hooks.example.com/" + std::to_string(pick(3));
    }
    if (pick(3) == 0) {
      j.request.conversion_id = "conversion-" + std::to_string(pick(10));
    }
    if (pick(4) == 0) {
      j.request.run_at = driver_.now + milliseconds{1 + pick(500)};
    }
    const model_job* earlier = model_.find_earlier(j);
    if (earlier != nullptr && earlier->wanted.request.user_id != j.request.user_id) {
      expect_allowed(store_op::enqueue{j}, false);
      return;
    }
    if (earlier != nullptr && reuses_key(j.request, earlier->wanted.request)) {
      expect_error(store_op::enqueue{j}, error_class::key_reused);
      return;
    }
    // Either there is room for one more, or for none.
    const std::uint64_t waiting = model_.waiting_of(j.request.user_id);
    const std::uint64_t bound = waiting + pick(2);
    if (earlier == nullptr && bound > 0 && bound == waiting) {
      expect_error(store_op::enqueue{j, 0, bound}, error_class::rate_limited);
      return;
    }
    const job_id id = earlier != nullptr ? earlier->wanted.id : j.id;
    const bool exists = earlier != nullptr;
    if (!exists) {
      model_job fresh;
      fresh.wanted = j;
      fresh.status = is_set(j.request.run_at) ? job_status::scheduled : job_status::pending;
      fresh.at = j.request.run_at;
      model_.jobs.push_back(fresh);
      ++model_.accepted;
    }
    add(store_op::enqueue{j, 0, bound}, [id, exists](const store_reply& reply) {
      REQUIRE(reply.jobs.size() == 1);
      REQUIRE(reply.existing == exists);
      REQUIRE(reply.jobs[0].id == id);
    });
  }

  void end_attempt(job_status after) {
    model_job* j = pick_running();
    if (j == nullptr) {
      return;
    }
    attempt_id attempt = j->attempt();
    if (pick(5) == 0) {
      attempt.token = fencing_token{j->token + pick(3) - 1};
    }
    const bool is_current = attempt == j->attempt();
    const bool holds = is_current && j->status == job_status::processing;
    const bool is_repeat = is_current && is_final(after) && j->status == after && j->token > 0;
    const failure error{error_class::timeout, "error " + std::to_string(++errors_)};
    const timestamp due =
        after == job_status::scheduled ? driver_.now + milliseconds{1 + pick(300)} : timestamp{};
    const bool is_crash = !is_final(after) && pick(2) == 0;
    if (holds) {
      job_model::finish(*j, after, driver_.now);
      j->at = due;
      j->crashes += is_crash ? 1 : 0;
    }
    const bool is_accepted = holds || is_repeat;
    model_.stale += is_accepted ? 0 : 1;
    const auto cause = is_crash ? store_op::end_of_lease::crashed : store_op::end_of_lease::failed;
    store_change change = store_op::requeue{attempt, cause, error, due};
    if (after == job_status::completed) {
      change = store_op::complete{attempt, {}};
    } else if (after == job_status::failed) {
      change = store_op::fail{attempt, store_op::end_of_lease::failed, error};
    }
    add(std::move(change), [is_accepted, after](const store_reply& reply) {
      REQUIRE(reply.error.kind == (is_accepted ? error_class::none : error_class::conflict));
      REQUIRE((!is_accepted || reply.jobs.at(0).status == after));
    });
  }

  void add_renew() {
    model_job* j = pick_running();
    if (j == nullptr) {
      return;
    }
    const bool holds = j->status == job_status::processing;
    const milliseconds lease{1 + pick(2'000)};
    if (holds) {
      j->at = driver_.now + lease;
    }
    model_.stale += holds ? 0 : 1;
    expect_allowed(store_op::renew{j->attempt(), lease}, holds);
  }

  void add_cancel() {
    model_job* j = pick_job();
    if (j == nullptr || pick(2) == 0) {
      return;
    }
    const bool is_allowed = !is_final(j->status);
    if (is_allowed) {
      job_model::finish(*j, job_status::cancelled, driver_.now);
    }
    expect_allowed(store_op::cancel{j->wanted.id}, is_allowed);
  }

  void add_prioritize() {
    model_job* j = pick_job();
    if (j == nullptr) {
      return;
    }
    const bool is_allowed = is_waiting(j->status);
    const precedence over = pick(3) == 0 ? precedence::all_jobs : precedence::own_jobs;
    if (is_allowed) {
      j->status = job_status::pending;
      j->over = std::max(j->over, over);
    }
    expect_allowed(store_op::prioritize{j->wanted.id, over}, is_allowed);
  }

  void add_make_available() {
    model_job* j = pick_job();
    if (j == nullptr) {
      return;
    }
    const bool is_allowed = j->status == job_status::scheduled;
    if (is_allowed) {
      j->status = job_status::pending;
    }
    expect_allowed(store_op::make_available{j->wanted.id}, is_allowed);
  }

  void add_retry() {
    model_job* j = pick_job();
    if (j == nullptr) {
      return;
    }
    const bool is_allowed =
        j->status == job_status::failed && model_.find_in_flight(j->wanted) == nullptr;
    if (is_allowed) {
      j->status = job_status::pending;
      j->crashes = 0;
      j->final_state.reset();
    }
    expect_allowed(store_op::retry{j->wanted.id}, is_allowed);
  }

  void add_removal() {
    model_job* j = pick_job();
    if (j == nullptr) {
      return;
    }
    const job_id id = j->wanted.id;
    const bool is_erased = pick(2) == 0;
    const bool is_allowed = is_erased ? is_final(j->status) : j->status == job_status::failed;
    if (is_allowed) {
      model_.jobs.erase(model_.jobs.begin() + (j - model_.jobs.data()));
    }
    if (is_erased) {
      expect_allowed(store_op::erase{id}, is_allowed);
    } else {
      expect_allowed(store_op::drop{id}, is_allowed);
    }
  }

  void add_call() {
    model_job* j = pick_running();
    if (j == nullptr) {
      return;
    }
    const bool holds = j->status == job_status::processing;
    model_.stale += holds ? 0 : 1;
    expect_allowed(store_op::open_call{j->attempt()}, holds);
  }

  void add_pause() {
    const job_type type = pick(2) == 0 ? job_type::image_conversion : job_type::image_processing;
    const auto known = model_.paused.find(type);
    pause_change expected;
    if (known != model_.paused.end()) {
      expected.before = known->second;
    }
    if (pick(3) == 0) {
      type_pause wanted{type, {}, {}, "ops", "reason " + std::to_string(pick(100))};
      if (pick(2) == 0) {
        wanted.until = driver_.now + milliseconds{1 + pick(20'000)};
      }
      expected.after = wanted;
      expected.after->since = expected.before ? expected.before->since : driver_.now;
      model_.paused[type] = *expected.after;
      expect_pause(store_op::pause{wanted}, expected);
    } else {
      model_.paused.erase(type);
      expect_pause(store_op::resume{type}, expected);
    }
  }

  void expect_pause(store_change change, const pause_change& expected) {
    add(std::move(change), [expected](const store_reply& reply) {
      REQUIRE_FALSE(reply.error);
      REQUIRE(reply.pause == expected);
    });
  }

  void add_verify_indexes() { expect_ids(store_op::verify_indexes{}, {}); }

  void expect_ids(store_change change, const std::set<job_id>& expected) {
    add(std::move(change), [expected](const store_reply& reply) {
      const auto ids = ids_of(reply.jobs);
      REQUIRE(ids.size() == expected.size());
      REQUIRE(std::set<job_id>(ids.begin(), ids.end()) == expected);
    });
  }

  void add_find_expired() {
    std::set<job_id> expired;
    for (const model_job& j : model_.jobs) {
      if (j.status == job_status::processing && j.at <= driver_.now) {
        expired.insert(j.wanted.id);
      }
    }
    expect_ids(store_op::find_expired{}, expired);
  }

  void reopen() {
    driver_.store = make_.reopen(std::move(driver_.store));
    for (model_job& j : model_.jobs) {
      if (make_.is_exclusive && j.status == job_status::processing) {
        j.at = timestamp{};
      }
    }
  }

  void add_reclaim() {
    std::set<job_id> orphans;
    for (model_job& j : model_.jobs) {
      if (j.status == job_status::processing && j.instance_id == "host-2") {
        orphans.insert(j.wanted.id);
        j.status = job_status::pending;
        j.instance_id.clear();
      }
    }
    expect_ids(store_op::reclaim{"host-2"}, orphans);
  }

  void add_purge() {
    const milliseconds retention{5'000};
    const milliseconds dead_letter_retention{9'000};
    model_.jobs.erase(
        std::remove_if(
            model_.jobs.begin(), model_.jobs.end(),
            [&](const model_job& j) {
              const auto kept = j.status == job_status::failed ? dead_letter_retention : retention;
              return is_final(j.status) && j.finished_at + kept <= driver_.now;
            }
        ),
        model_.jobs.end()
    );
    expect_ids(store_op::purge{retention, dead_letter_retention}, {});
  }

  store_maker make_;
  driver driver_;
  std::mt19937 random_;
  job_model model_;
  std::vector<store_change> batch_;
  std::vector<expectation> expected_;
  std::uint64_t errors_ = 0;
};

/// Fixed seeds, so that a failure stays found, and a new one at each run.
inline void check_against_model(const store_maker& make, int batches) {
  const std::vector<std::uint32_t> seeds{1, 2, 3, 379826225, std::random_device{}()};
  for (const std::uint32_t seed : seeds) {
    INFO("seed " << seed);
    random_batches{make, seed}.run(batches);
  }
}

}  // namespace stayler::adapters::conformance
