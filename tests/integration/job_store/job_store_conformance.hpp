// SPDX-License-Identifier: MIT
#pragma once

// The contract of job_store as promises that every store has to keep: one suite for all of them.
// Each check_... is the body of one test case. The random test is in job_store_model.hpp.

#include "adapters/job_store/job_store.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters::conformance {

/// How to get a store. `open` makes one that holds nothing. `reopen`, where the store is durable,
/// closes the store and opens it once more with what it held; empty otherwise.
struct store_maker {
  std::function<std::unique_ptr<job_store>()> open;
  std::function<std::unique_ptr<job_store>(std::unique_ptr<job_store>)> reopen;
  /// True where one process at a time has the store, so that opening it ends all leases.
  bool is_exclusive = false;
};

inline constexpr milliseconds lease_time{30'000};

/// A store with a clock that only the test moves, and short words for what tests do.
class driver {
 public:
  explicit driver(std::unique_ptr<job_store> subject) : store(std::move(subject)) {}

  [[nodiscard]] job new_job(const std::string& user = "ann", std::uint32_t priority = 5) const {
    job j;
    j.id = job_id{make_uuid_v7(now)};
    j.request.user_id = user;
    j.request.priority = priority;
    j.request.payload.user_image_id = "photo-of-" + user;
    j.request.payload.cloth_image_id = "coat";
    j.created_at = now;
    return j;
  }

  store_reply one(store_change change) {
    last = store->execute({&change, 1}, now);
    REQUIRE(last.replies.size() == 1);
    return last.replies.front();
  }

  job add(job j) {
    store_reply reply = one(store_op::enqueue{std::move(j)});
    REQUIRE_FALSE(reply.error);
    REQUIRE(reply.jobs.size() == 1);
    return reply.jobs.front();
  }

  job add(const std::string& user = "ann", std::uint32_t priority = 5) {
    return add(new_job(user, priority));
  }

  std::vector<job> claim(std::size_t count, const std::string& owner = "host-1") {
    store_op::claim wanted{std::vector<std::string>(count, "worker"), owner, lease_time};
    for (std::size_t i = 0; i < count; ++i) {
      wanted.workers[i] += std::to_string(i);
    }
    store_reply reply = one(wanted);
    INFO(reply.error.message);
    REQUIRE_FALSE(reply.error);
    return reply.jobs;
  }

  job claim_one() {
    auto jobs = claim(1);
    REQUIRE(jobs.size() == 1);
    return jobs.front();
  }

  job stored(const job_id& id) {
    auto found = store->find(id);
    REQUIRE(found);
    return *found;
  }

  job_page page(const job_filter& filter) {
    auto found = store->list(filter);
    REQUIRE(found);
    return *found;
  }

  /// All pages of a listing, one after the other.
  std::vector<job> all(job_filter filter) {
    std::vector<job> jobs;
    do {
      job_page next = page(filter);
      jobs.insert(jobs.end(), next.jobs.begin(), next.jobs.end());
      filter.before = next.next;
    } while (!filter.before.value.is_nil());
    return jobs;
  }

  std::unique_ptr<job_store> store;
  timestamp now{milliseconds{1'800'000'000'000}};
  store_outcome last;
};

inline std::vector<std::string> users_of(const std::vector<job>& jobs) {
  std::vector<std::string> users;
  std::transform(jobs.begin(), jobs.end(), std::back_inserter(users), [](const job& j) {
    return j.request.user_id;
  });
  return users;
}

inline std::vector<job_id> ids_of(const std::vector<job>& jobs) {
  std::vector<job_id> ids;
  std::transform(jobs.begin(), jobs.end(), std::back_inserter(ids), [](const job& j) {
    return j.id;
  });
  return ids;
}

inline failure error_of(error_class kind) {
  return {kind, std::string{to_string(kind)}, {}};
}

inline void check_intake(const store_maker& make) {
  driver d{make.open()};

  SECTION("a new job is stored whole and as pending") {
    job wanted = d.new_job("ann", 7);
    wanted.request.conversion_id = "conversion-1";
    wanted.request.payload.options = {"casual", "high", "blue, please", "3:4", "webp", true};
    wanted.request.payload.operations = {
        {image_operation::kind::resize, 640, 480, image_operation::fit_mode::cover, 0, {}, 0}};
    wanted.request.max_retries = 3;
    wanted.request.timeout = milliseconds{600'000};
    wanted.request.idempotency_key = "key-1";
    const job accepted = d.add(wanted);
    CHECK(accepted.request == wanted.request);
    CHECK(accepted.id == wanted.id);
    CHECK(accepted.status == job_status::pending);
    CHECK(accepted.created_at == d.now);
    CHECK(d.stored(wanted.id) == accepted);
    CHECK(d.last.counts.pending == 1);
    CHECK(d.last.counts.accepted == 1);
  }

  SECTION("an idempotency key names the same job for ever, and only for its user") {
    job first = d.new_job();
    first.request.idempotency_key = "key";
    d.add(first);
    const job running = d.claim_one();
    d.one(store_op::complete{current_attempt(running), {}});
    job again = d.new_job();
    again.request.idempotency_key = "key";
    const store_reply repeat = d.one(store_op::enqueue{again});
    CHECK(repeat.existing);
    CHECK(repeat.jobs.at(0).id == first.id);
    CHECK(repeat.jobs.at(0).status == job_status::completed);
    job others = d.new_job("bob");
    others.request.idempotency_key = "key";
    CHECK(d.add(others).id == others.id);
    CHECK(d.last.counts.accepted == 2);
  }

  SECTION("a conversion in flight is not taken in twice, but again when it is final") {
    job first = d.new_job();
    first.request.conversion_id = "conversion";
    d.add(first);
    job again = d.new_job();
    again.request.conversion_id = "conversion";
    CHECK(d.one(store_op::enqueue{again}).existing);
    const job running = d.claim_one();
    CHECK(d.one(store_op::enqueue{again}).existing);
    d.one(store_op::fail{
        current_attempt(running), store_op::end_of_lease::failed, error_of(error_class::timeout)});
    const store_reply fresh = d.one(store_op::enqueue{again});
    CHECK_FALSE(fresh.existing);
    CHECK(fresh.jobs.at(0).id == again.id);
    job others = d.new_job("bob");
    others.request.conversion_id = "conversion";
    CHECK_FALSE(d.one(store_op::enqueue{others}).existing);
  }

  SECTION("two equal jobs of one batch become one") {
    job first = d.new_job();
    first.request.conversion_id = "conversion";
    job second = d.new_job();
    second.request.conversion_id = "conversion";
    const std::vector<store_change> batch{store_op::enqueue{first}, store_op::enqueue{second}};
    const store_outcome outcome = d.store->execute(batch, d.now);
    CHECK_FALSE(outcome.replies.at(0).existing);
    CHECK(outcome.replies.at(1).existing);
    CHECK(outcome.replies.at(1).jobs.at(0).id == first.id);
    CHECK(outcome.counts.pending == 1);
  }

  SECTION("a job for later is not given out before its time") {
    job later = d.new_job();
    later.request.run_at = d.now + milliseconds{1'000};
    CHECK(d.add(later).status == job_status::scheduled);
    CHECK(d.last.next_due == later.request.run_at);
    d.now += milliseconds{999};
    CHECK(d.claim(1).empty());
    d.now += milliseconds{1};
    CHECK(d.claim_one().id == later.id);
    CHECK_FALSE(is_set(d.last.next_due));
  }

  SECTION("a job that has become due counts as pending") {
    job later = d.new_job();
    later.request.run_at = d.now + milliseconds{1'000};
    d.add(later);
    d.now = later.request.run_at;
    d.one(store_op::find_expired{});
    CHECK(d.last.counts.pending == 1);
    CHECK(d.last.counts.scheduled == 0);
    CHECK(*d.store->counts() == d.last.counts);
  }
}

inline void check_order(const store_maker& make) {
  driver d{make.open()};

  SECTION("a higher priority goes first, then age") {
    const job low = d.add("ann", 1);
    const job old = d.add("ann", 10);
    const job young = d.add("ann", 10);
    const job urgent = d.add("ann", 20);
    CHECK(ids_of(d.claim(4)) == std::vector<job_id>{urgent.id, old.id, young.id, low.id});
  }

  SECTION("within a priority, users take turns") {
    for (int i = 0; i < 3; ++i) {
      d.add("ann");
    }
    d.add("bob");
    d.add("bob");
    d.add("cat");
    const std::vector<std::string> turns{"ann", "bob", "cat", "ann", "bob", "ann"};
    CHECK(users_of(d.claim(6)) == turns);
  }

  SECTION("one user's 10,000 jobs delay another user's one by a turn") {
    std::vector<store_change> flood;
    for (int i = 0; i < 10'000; ++i) {
      flood.emplace_back(store_op::enqueue{d.new_job("ann")});
    }
    d.store->execute(flood, d.now);
    CHECK(d.claim(5).size() == 5);
    d.now += milliseconds{1'000};
    const job single = d.add("bob");
    const auto next = d.claim(2);
    CHECK(std::any_of(next.begin(), next.end(), [&](const job& j) { return j.id == single.id; }));
  }

  SECTION("a job gains a level of priority for each five minutes that it waits") {
    const job low = d.add("ann", 5);
    d.now += milliseconds{2 * 300'000 + 1};
    const job mid = d.add("bob", 7);
    const job high = d.add("cat", 8);
    CHECK(ids_of(d.claim(3)) == std::vector<job_id>{high.id, low.id, mid.id});
  }

  SECTION("the lowest priority is served under a flood of the highest") {
    const job low = d.add("ann", 1);
    bool is_served = false;
    for (int minute = 0; minute < 101 && !is_served; ++minute) {
      d.add("bob", 20);
      d.add("bob", 20);
      const auto next = d.claim(1);
      is_served = next.at(0).id == low.id;
      d.now += milliseconds{60'000};
    }
    CHECK(is_served);
  }

  SECTION("a promoted job is next, ahead of priority and due time") {
    d.add("ann", 20);
    const job low = d.add("ann", 1);
    job later = d.new_job("bob", 1);
    later.request.run_at = d.now + milliseconds{3'600'000};
    d.add(later);
    CHECK(d.one(store_op::prioritize{low.id}).jobs.at(0).status == job_status::pending);
    CHECK(d.one(store_op::prioritize{later.id}).jobs.at(0).status == job_status::pending);
    CHECK(d.last.counts.scheduled == 0);
    CHECK(ids_of(d.claim(2)) == std::vector<job_id>{low.id, later.id});
    CHECK(d.one(store_op::prioritize{low.id}).error.kind == error_class::conflict);
    CHECK(d.one(store_op::prioritize{d.new_job().id}).error.kind == error_class::not_found);
  }

  SECTION("a job that is woken is due at once, in its turn") {
    job later = d.new_job("bob", 7);
    later.request.run_at = d.now + milliseconds{3'600'000};
    d.add(later);
    const job low = d.add("ann", 1);
    const job high = d.add("ann", 20);
    CHECK(d.one(store_op::make_available{later.id}).jobs.at(0).status == job_status::pending);
    CHECK(d.last.counts.scheduled == 0);
    CHECK_FALSE(is_set(d.last.next_due));
    CHECK(ids_of(d.claim(3)) == std::vector<job_id>{high.id, later.id, low.id});
    CHECK(d.one(store_op::make_available{low.id}).error.kind == error_class::conflict);
    CHECK(d.one(store_op::make_available{d.new_job().id}).error.kind == error_class::not_found);
  }

  SECTION("the oldest pending job is known") {
    CHECK_FALSE(is_set(d.store->waiting()->oldest_pending));
    const job first = d.add("ann", 1);
    d.now += milliseconds{10};
    const job second = d.add("ann", 9);
    CHECK(d.store->waiting()->oldest_pending == first.created_at);
    CHECK(d.store->waiting()->counts.pending == d.store->counts()->pending);
    d.claim_one();
    CHECK(d.store->waiting()->oldest_pending == first.created_at);
    d.one(store_op::cancel{first.id});
    CHECK_FALSE(is_set(d.store->waiting()->oldest_pending));
  }
}

inline void check_leases(const store_maker& make) {
  using store_op::end_of_lease;
  driver d{make.open()};
  const job added = d.add();
  const job running = d.claim_one();
  const attempt_id attempt = current_attempt(running);
  const attempt_id stale{attempt.job, fencing_token{}};

  SECTION("a lease has a new token, an end, its worker and an entry in the history") {
    CHECK(running.status == job_status::processing);
    CHECK(running.token > added.token);
    CHECK(running.worker_id == "worker0");
    CHECK(running.started_at == d.now);
    CHECK(running.lease_expires_at == d.now + lease_time);
    REQUIRE(running.history.size() == 1);
    CHECK(running.history[0] == attempt_record{running.token, "worker0", d.now, {}, {}});
    CHECK(d.claim(1).empty());
    CHECK(d.stored(running.id) == running);
  }

  SECTION("renewing moves the end of the lease") {
    d.now += milliseconds{10'000};
    const store_reply reply = d.one(store_op::renew{attempt, lease_time});
    CHECK_FALSE(reply.error);
    CHECK(reply.jobs.empty());
    CHECK(d.stored(running.id).lease_expires_at == d.now + lease_time);
  }

  SECTION("a stale token can neither renew, report, complete, fail nor put back") {
    const std::vector<store_change> batch{
        store_op::renew{stale, lease_time}, store_op::update_progress{stale, {job_stage::converting, 50}},
        store_op::complete{stale, {}},
        store_op::fail{stale, end_of_lease::failed, error_of(error_class::timeout)},
        store_op::requeue{stale, end_of_lease::failed, error_of(error_class::timeout), {}}};
    const store_outcome outcome = d.store->execute(batch, d.now);
    for (const store_reply& reply : outcome.replies) {
      CHECK(reply.error.kind == error_class::conflict);
      CHECK(reply.jobs.empty());
    }
    CHECK(outcome.counts.stale_reports == batch.size());
    CHECK(d.stored(running.id) == running);
  }

  SECTION("progress only moves forward within an attempt, and starts anew with the next") {
    d.one(store_op::update_progress{attempt, {job_stage::converting, 40}});
    d.one(store_op::update_progress{attempt, {job_stage::downloading, 90}});
    d.one(store_op::update_progress{attempt, {job_stage::converting, 30}});
    CHECK(d.stored(running.id).progress == job_progress{job_stage::converting, 40});
    d.one(store_op::update_progress{attempt, {job_stage::uploading, 20}});
    CHECK(d.stored(running.id).progress == job_progress{job_stage::uploading, 40});
    d.one(store_op::requeue{attempt, end_of_lease::interrupted, {}, {}});
    CHECK(d.claim_one().progress == job_progress{});
  }

  SECTION("a completed job keeps its result") {
    d.now += milliseconds{1'500};
    const job_result made{"image-1", 640, 480, "image/png", 1'234, false, "model-7"};
    const job done = d.one(store_op::complete{attempt, made}).jobs.at(0);
    CHECK(done.status == job_status::completed);
    CHECK(done.result == made);
    CHECK(done.completed_at == d.now);
    CHECK(done.progress == job_progress{job_stage::done, 100});
    CHECK(done.history.at(0).ended_at == d.now);
    CHECK_FALSE(is_set(done.lease_expires_at));
    CHECK(d.last.counts.completed_job_time == milliseconds{1'500});
    CHECK(d.last.counts.last_finished_at == d.now);
    CHECK(d.stored(running.id) == done);
  }

  SECTION("the same completion twice is answered twice and counted once") {
    const job done = d.one(store_op::complete{attempt, {}}).jobs.at(0);
    d.now += milliseconds{5};
    const store_reply again = d.one(store_op::complete{attempt, {}});
    CHECK_FALSE(again.error);
    CHECK(again.jobs.at(0) == done);
    CHECK(d.last.counts.completed == 1);
    CHECK(d.last.counts.stale_reports == 0);
  }

  SECTION("the same failure or hand-back twice is answered twice and counted once") {
    const store_op::requeue back{
        attempt, end_of_lease::failed, error_of(error_class::timeout), d.now + milliseconds{1}};
    d.one(back);
    const store_reply again = d.one(back);
    CHECK_FALSE(again.error);
    CHECK(again.jobs.at(0).attempts == 1);
    d.now += milliseconds{1};
    const store_op::fail end{
        current_attempt(d.claim_one()), end_of_lease::failed, error_of(error_class::timeout)};
    d.one(end);
    CHECK(d.one(end).jobs.at(0).attempts == 2);
    CHECK(d.last.counts.failed == 1);
    CHECK(d.last.counts.stale_reports == 0);
  }

  SECTION("attempts, interruptions and crashes are counted apart, a refund nowhere") {
    const auto requeue = [&](end_of_lease cause) {
      const job held = d.stored(running.id);
      const job back =
          d.one(store_op::requeue{
                    current_attempt(held), cause, error_of(error_class::rate_limited), {}}
          ).jobs.at(0);
      CHECK(back.status == job_status::pending);
      d.claim_one();
      return std::vector<std::uint32_t>{back.attempts, back.interruptions, back.crashes};
    };
    CHECK(requeue(end_of_lease::failed) == std::vector<std::uint32_t>{1, 0, 0});
    CHECK(requeue(end_of_lease::refunded) == std::vector<std::uint32_t>{1, 0, 0});
    CHECK(requeue(end_of_lease::interrupted) == std::vector<std::uint32_t>{1, 1, 0});
    CHECK(requeue(end_of_lease::crashed) == std::vector<std::uint32_t>{1, 1, 1});
  }

  SECTION("a failed attempt waits for its next time, with its error kept") {
    const timestamp next = d.now + milliseconds{5'000};
    const job back = d.one(store_op::requeue{
                               attempt, end_of_lease::failed, error_of(error_class::timeout), next})
                         .jobs.at(0);
    CHECK(back.status == job_status::scheduled);
    CHECK(back.due_at == next);
    CHECK(back.error.kind == error_class::timeout);
    CHECK(back.history.at(0).error.kind == error_class::timeout);
    CHECK(d.last.next_due == next);
    CHECK(d.claim(1).empty());
    d.now = next;
    CHECK(d.claim_one().token > running.token);
  }

  SECTION("the history keeps the last 20 attempts") {
    for (int i = 0; i < 24; ++i) {
      const job held = d.stored(running.id);
      d.one(store_op::requeue{current_attempt(held), end_of_lease::interrupted, {}, {}});
      d.claim_one();
    }
    const job held = d.stored(running.id);
    REQUIRE(held.history.size() == 20);
    CHECK(held.history.back().token == held.token);
    CHECK(held.token == fencing_token{25});
  }

  SECTION("a lease that has run out is found, and changes nothing by itself") {
    d.now += lease_time - milliseconds{1};
    CHECK(d.one(store_op::find_expired{}).jobs.empty());
    d.now += milliseconds{1};
    const auto expired = d.one(store_op::find_expired{}).jobs;
    CHECK(ids_of(expired) == std::vector<job_id>{running.id});
    CHECK_FALSE(d.one(store_op::complete{attempt, {}}).error);
  }

  SECTION("a queue that starts anew takes back the leases of its owner only, as interruptions") {
    const job other = d.add();
    REQUIRE(d.claim(1, "host-2").size() == 1);
    const auto back = d.one(store_op::reclaim{"host-1"}).jobs;
    REQUIRE(back.size() == 1);
    CHECK(back[0].id == running.id);
    CHECK(back[0].status == job_status::pending);
    CHECK(back[0].interruptions == 1);
    CHECK(back[0].attempts == 0);
    CHECK(d.stored(other.id).status == job_status::processing);
    CHECK(d.one(store_op::complete{attempt, {}}).error.kind == error_class::conflict);
    CHECK(d.claim_one().id == running.id);
  }
}

inline void check_endings(const store_maker& make) {
  using store_op::end_of_lease;
  driver d{make.open()};

  SECTION("a waiting, a scheduled and a running job can be cancelled") {
    const job waiting = d.add();
    job later = d.new_job();
    later.request.run_at = d.now + milliseconds{1'000};
    d.add(later);
    const job urgent = d.add("ann", 9);
    const job running = d.claim_one();
    REQUIRE(running.id == urgent.id);
    for (const job_id& id : {waiting.id, later.id, running.id}) {
      const job gone = d.one(store_op::cancel{id}).jobs.at(0);
      CHECK(gone.status == job_status::cancelled);
      CHECK(gone.error.kind == error_class::cancelled);
      CHECK(gone.completed_at == d.now);
      CHECK_FALSE(gone.possibly_billed);
    }
    CHECK(d.stored(running.id).history.at(0).error.kind == error_class::cancelled);
    CHECK(d.last.counts.cancelled == 3);
    CHECK_FALSE(is_set(d.last.next_due));
    CHECK(d.claim(3).empty());
    CHECK(d.one(store_op::cancel{d.new_job().id}).error.kind == error_class::not_found);
  }

  SECTION("a job cancelled during the provider's call says that it may have cost money") {
    d.add();
    const job running = d.claim_one();
    d.one(store_op::open_call{current_attempt(running)});
    CHECK(d.one(store_op::cancel{running.id}).jobs.at(0).possibly_billed);
    CHECK(d.stored(running.id).calls.at(0).state == call_state::aborted);
  }

  SECTION("a job cancelled after calls that were refused says that it has cost nothing") {
    d.add();
    const job running = d.claim_one();
    d.one(store_op::open_call{current_attempt(running)});
    d.one(store_op::settle_call{current_attempt(running), {error_class::server_error}});
    CHECK_FALSE(d.one(store_op::cancel{running.id}).jobs.at(0).possibly_billed);
  }

  SECTION("a job that records its result can no longer be cancelled, its next attempt can") {
    d.add();
    const attempt_id attempt = current_attempt(d.claim_one());
    d.one(store_op::update_progress{attempt, {job_stage::recording, 90}});
    CHECK(d.one(store_op::cancel{attempt.job}).error.kind == error_class::conflict);
    d.one(store_op::requeue{attempt, end_of_lease::crashed, error_of(error_class::worker_lost), {}}
    );
    d.claim_one();
    CHECK(d.one(store_op::cancel{attempt.job}).jobs.at(0).status == job_status::cancelled);
  }

  SECTION("a final job never changes") {
    const std::vector<std::function<store_change(const attempt_id&)>> endings{
        [](const attempt_id& a) {
          return store_op::complete{a, {}};
        },
        [](const attempt_id& a) {
          return store_op::fail{a, end_of_lease::failed, error_of(error_class::safety_blocked)};
        },
        [](const attempt_id& a) { return store_op::cancel{a.job}; }};
    for (const auto& ending : endings) {
      d.add();
      const attempt_id attempt = current_attempt(d.claim_one());
      d.one(ending(attempt));
      const job before = d.stored(attempt.job);
      REQUIRE(is_final(before.status));
      d.now += milliseconds{100};
      const std::vector<store_change> batch{
          store_op::renew{attempt, lease_time},
          store_op::update_progress{attempt, {job_stage::notifying, 99}},
          store_op::complete{attempt, {"another", 1, 1, "", 1, false, ""}},
          store_op::fail{attempt, end_of_lease::crashed, error_of(error_class::worker_lost)},
          store_op::requeue{attempt, end_of_lease::failed, error_of(error_class::timeout), {}},
          store_op::cancel{attempt.job},
          store_op::prioritize{attempt.job},
          store_op::reclaim{"host-1"}};
      d.store->execute(batch, d.now);
      CHECK(d.stored(attempt.job) == before);
      CHECK(d.claim(1).empty());
    }
    CHECK(d.store->counts()->completed == 1);
    CHECK(d.store->counts()->failed == 1);
    CHECK(d.store->counts()->cancelled == 1);
  }

  SECTION("a sweep removes what has outlived its retention and leaves the rest") {
    d.add();
    d.one(store_op::complete{current_attempt(d.claim_one()), {}});
    job keyed = d.new_job();
    keyed.request.idempotency_key = "key";
    keyed.request.conversion_id = "conversion";
    d.add(keyed);
    d.one(store_op::fail{
        current_attempt(d.claim_one()), end_of_lease::crashed, error_of(error_class::worker_lost)});
    CHECK(d.stored(keyed.id).crashes == 1);
    const job waiting = d.add();
    const store_op::purge sweep{milliseconds{1'000}, milliseconds{5'000}};
    d.now += milliseconds{999};
    d.one(sweep);
    CHECK(d.last.counts.completed == 1);
    d.now += milliseconds{1};
    d.one(sweep);
    CHECK(d.last.counts.completed == 0);
    CHECK(d.last.counts.failed == 1);
    d.now += milliseconds{4'000};
    d.one(sweep);
    CHECK(d.last.counts.failed == 0);
    CHECK(d.store->find(keyed.id).error().kind == error_class::not_found);
    CHECK(ids_of(d.all({})) == std::vector<job_id>{waiting.id});
    keyed.id = d.new_job().id;
    CHECK_FALSE(d.one(store_op::enqueue{keyed}).existing);
  }

  SECTION("a sweep keeps no more than so many, the latest, dead letters apart") {
    const auto finish = [&](bool is_dead) {
      d.now += milliseconds{1};
      d.add();
      const attempt_id attempt = current_attempt(d.claim_one());
      d.one(
          is_dead ? store_change{store_op::fail{
              attempt, store_op::end_of_lease::failed, error_of(error_class::timeout)}}
                  : store_change{store_op::complete{attempt, {}}}
      );
      return attempt.job;
    };
    for (int i = 0; i < 5; ++i) {
      finish(false);
      finish(true);
    }
    const job_id last_done = finish(false);
    const job_id last_dead = finish(true);
    const milliseconds long_time{1'000'000};
    const store_reply swept = d.one(store_op::purge{long_time, long_time, 2});
    CHECK_FALSE(swept.has_more);
    CHECK(d.last.counts.completed == 2);
    CHECK(d.last.counts.failed == 2);
    CHECK(d.store->find(last_done));
    CHECK(d.store->find(last_dead));
  }

  SECTION("a sweep removes a bounded number at a time, and all in the end") {
    for (int i = 0; i < 2'500; ++i) {
      d.one(store_op::cancel{d.add().id});
    }
    const store_op::purge sweep{};
    CHECK(d.one(sweep).has_more);
    CHECK(d.last.counts.cancelled == 1'500);
    CHECK(d.one(sweep).has_more);
    CHECK_FALSE(d.one(sweep).has_more);
    CHECK(d.last.counts.cancelled == 0);
    CHECK(d.last.counts.accepted == 2'500);
  }
}

inline void check_ledger(const store_maker& make) {
  using store_op::end_of_lease;
  driver d{make.open()};
  d.add();
  const job running = d.claim_one();
  const attempt_id attempt = current_attempt(running);
  const auto lose_worker = [&](const attempt_id& lost) {
    return d
        .one(store_op::requeue{lost, end_of_lease::crashed, error_of(error_class::worker_lost), {}}
        )
        .jobs.at(0);
  };

  SECTION("a call is in the ledger before it is sent, and settled after") {
    REQUIRE_FALSE(d.one(store_op::open_call{attempt}).error);
    const provider_call opened{attempt.token, call_state::open, d.now, {}, error_class::none};
    CHECK(d.stored(running.id).calls == std::vector{opened});
    CHECK_FALSE(d.one(store_op::open_call{attempt}).error);
    d.now += milliseconds{900};
    d.one(store_op::settle_call{attempt, {error_class::rate_limited}});
    const provider_call settled{
        attempt.token, call_state::settled, opened.opened_at, d.now, error_class::rate_limited};
    CHECK(d.stored(running.id).calls == std::vector{settled});
    lose_worker(attempt);
    CHECK(d.last.counts.ambiguous_calls == 0);
  }

  SECTION("a call whose worker is lost is ambiguous, and counted") {
    d.one(store_op::open_call{attempt});
    const job back = lose_worker(attempt);
    CHECK(back.calls.at(0).state == call_state::ambiguous);
    CHECK(back.ambiguous_calls == 1);
    CHECK(d.last.counts.ambiguous_calls == 1);
    const attempt_id next = current_attempt(d.claim_one());
    lose_worker(next);
    CHECK(d.stored(running.id).ambiguous_calls == 1);
    CHECK(d.last.counts.ambiguous_calls == 1);
  }

  SECTION("a call that we gave up is aborted") {
    d.one(store_op::open_call{attempt});
    const job back =
        d.one(store_op::requeue{attempt, end_of_lease::interrupted, {}, {}}).jobs.at(0);
    CHECK(back.calls.at(0).state == call_state::aborted);
    CHECK(back.ambiguous_calls == 0);
  }

  SECTION("a lost lease opens and settles nothing") {
    const attempt_id stale{attempt.job, fencing_token{}};
    CHECK(d.one(store_op::open_call{stale}).error.kind == error_class::conflict);
    CHECK(d.one(store_op::settle_call{stale, {}}).error.kind == error_class::conflict);
    CHECK(d.stored(running.id).calls.empty());
  }

  SECTION("the ledger keeps the last 20 calls") {
    attempt_id held = attempt;
    for (int i = 0; i < 24; ++i) {
      d.one(store_op::open_call{held});
      d.one(store_op::requeue{held, end_of_lease::interrupted, {}, {}});
      held = current_attempt(d.claim_one());
    }
    const auto calls = d.stored(running.id).calls;
    REQUIRE(calls.size() == 20);
    CHECK(calls.back().token == fencing_token{24});
  }
}

inline void check_dead_letters(const store_maker& make) {
  using store_op::end_of_lease;
  driver d{make.open()};
  job wanted = d.new_job();
  wanted.request.conversion_id = "conversion";
  wanted.request.idempotency_key = "key";
  d.add(wanted);
  const job running = d.claim_one();
  const auto die = [&](const job& held) {
    return d
        .one(store_op::fail{
            current_attempt(held), end_of_lease::failed, error_of(error_class::safety_blocked)})
        .jobs.at(0);
  };

  SECTION("a dead letter that is retried begins anew, and keeps its history") {
    const job dead = die(running);
    CHECK(dead.attempts == 1);
    const job revived = d.one(store_op::retry{dead.id}).jobs.at(0);
    CHECK(revived.status == job_status::pending);
    CHECK(revived.attempts == 0);
    CHECK_FALSE(is_set(revived.completed_at));
    CHECK(d.last.counts.failed == 0);
    CHECK(d.last.counts.pending == 1);
    CHECK(d.last.counts.accepted == 1);
    const job again = d.claim_one();
    CHECK(again.id == dead.id);
    CHECK(again.token > running.token);
    CHECK(again.history.size() == 2);
    CHECK_FALSE(d.one(store_op::complete{current_attempt(again), {}}).error);
  }

  SECTION("only dead letters can be retried or dropped") {
    for (const auto& change :
         std::vector<store_change>{store_op::retry{running.id}, store_op::drop{running.id}}) {
      CHECK(d.one(change).error.kind == error_class::conflict);
    }
    d.one(store_op::complete{current_attempt(running), {}});
    for (const auto& change :
         std::vector<store_change>{store_op::retry{running.id}, store_op::drop{running.id}}) {
      CHECK(d.one(change).error.kind == error_class::conflict);
    }
    const job_id nobody = d.new_job().id;
    CHECK(d.one(store_op::retry{nobody}).error.kind == error_class::not_found);
    CHECK(d.one(store_op::drop{nobody}).error.kind == error_class::not_found);
  }

  SECTION("a dead letter whose conversion was taken in again stays dead until that one has ended") {
    die(running);
    job again = d.new_job();
    again.request.conversion_id = "conversion";
    d.add(again);
    CHECK(d.one(store_op::retry{running.id}).error.kind == error_class::conflict);
    d.one(store_op::cancel{again.id});
    CHECK_FALSE(d.one(store_op::retry{running.id}).error);
    job third = d.new_job();
    third.request.conversion_id = "conversion";
    CHECK(d.one(store_op::enqueue{third}).jobs.at(0).id == running.id);
  }

  SECTION("a dropped dead letter leaves nothing behind") {
    die(running);
    CHECK(d.one(store_op::drop{running.id}).jobs.at(0).id == running.id);
    CHECK(d.last.counts.failed == 0);
    CHECK(d.store->find(running.id).error().kind == error_class::not_found);
    CHECK(d.all({}).empty());
    wanted.id = d.new_job().id;
    CHECK_FALSE(d.one(store_op::enqueue{wanted}).existing);
  }

  SECTION("dead letters are found by what they died of") {
    die(running);
    d.add();
    d.one(store_op::fail{
        current_attempt(d.claim_one()), end_of_lease::failed, error_of(error_class::timeout)});
    const auto found = d.all({{job_status::failed}, {}, "", "", {error_class::timeout}, {}, 50});
    REQUIRE(found.size() == 1);
    CHECK(found[0].error.kind == error_class::timeout);
  }
}

inline void check_limits(const store_maker& make) {
  driver d{make.open()};

  SECTION("no more jobs are taken in than may wait") {
    job later = d.new_job();
    later.request.run_at = d.now + milliseconds{1'000};
    d.add(later);
    d.add();
    job repeat = d.new_job();
    repeat.request.idempotency_key = "key";
    CHECK_FALSE(d.one(store_op::enqueue{repeat, 3}).error);
    const store_reply refused = d.one(store_op::enqueue{d.new_job(), 3});
    CHECK(refused.error.kind == error_class::rate_limited);
    CHECK(refused.error.retry_after > milliseconds{0});
    CHECK(refused.jobs.empty());
    CHECK(d.last.counts.accepted == 3);
    repeat.id = d.new_job().id;
    CHECK(d.one(store_op::enqueue{repeat, 3}).existing);
    d.claim_one();
    CHECK_FALSE(d.one(store_op::enqueue{d.new_job(), 3}).error);
  }

  SECTION("the bound holds within a batch") {
    std::vector<store_change> batch;
    for (int i = 0; i < 5; ++i) {
      batch.emplace_back(store_op::enqueue{d.new_job(), 3});
    }
    const store_outcome outcome = d.store->execute(batch, d.now);
    CHECK(outcome.counts.pending == 3);
    CHECK_FALSE(outcome.replies[2].error);
    CHECK(outcome.replies[3].error.kind == error_class::rate_limited);
  }

  SECTION("jobs of a paused type wait, the others do not") {
    const job paused = d.add("ann", 20);
    job other = d.new_job("ann", 1);
    other.request.type = job_type::image_processing;
    d.add(other);
    d.one(store_op::pause{job_type::image_conversion, true});
    CHECK(d.store->waiting()->paused == std::vector{job_type::image_conversion});
    CHECK(ids_of(d.claim(2)) == std::vector{other.id});
    CHECK(d.claim(1).empty());
    d.one(store_op::pause{job_type::image_conversion, false});
    CHECK(d.store->waiting()->paused.empty());
    CHECK(d.claim_one().id == paused.id);
  }

  SECTION("an audit of a sound store finds nothing") {
    for (int i = 0; i < 300; ++i) {
      d.add("user-" + std::to_string(i % 7), 1 + static_cast<std::uint32_t>(i) % 20);
    }
    const auto running = d.claim(100);
    for (std::size_t i = 0; i < 40; ++i) {
      d.one(store_op::complete{current_attempt(running[i]), {}});
    }
    const auto before = d.all({});
    for (int pass = 0; pass < 3; ++pass) {
      CHECK_FALSE(d.one(store_op::verify_indexes{}).error);
    }
    CHECK(d.last.counts.repaired == 0);
    CHECK(d.all({}) == before);
  }
}

inline void check_listing(const store_maker& make) {
  driver d{make.open()};

  SECTION("pages are complete and free of duplicates while jobs come in") {
    std::set<job_id> expected;
    for (int i = 0; i < 25; ++i) {
      expected.insert(d.add(i % 2 == 0 ? "ann" : "bob").id);
    }
    std::vector<job_id> seen;
    job_filter filter;
    filter.limit = 10;
    do {
      const job_page page = d.page(filter);
      CHECK(page.jobs.size() <= 10);
      const auto ids = ids_of(page.jobs);
      seen.insert(seen.end(), ids.begin(), ids.end());
      filter.before = page.next;
      d.now += milliseconds{1};
      d.add("cat");
    } while (!filter.before.value.is_nil());
    CHECK(std::is_sorted(seen.rbegin(), seen.rend()));
    CHECK(std::set<job_id>(seen.begin(), seen.end()) == expected);
    CHECK(seen.size() == expected.size());
  }

  SECTION("filters apply together") {
    job wanted = d.new_job("ann");
    wanted.request.conversion_id = "conversion";
    d.add(wanted);
    job others = d.new_job("bob");
    others.request.conversion_id = "conversion";
    d.add(others);
    job processing = d.new_job("ann");
    processing.request.type = job_type::image_processing;
    d.add(processing);
    const job gone = d.add("ann");
    d.one(store_op::cancel{gone.id});

    const auto ids = [&](const job_filter& filter) { return ids_of(d.all(filter)); };
    using list = std::vector<job_id>;
    CHECK(ids({}) == list{gone.id, processing.id, others.id, wanted.id});
    CHECK(ids({{}, {}, "ann", "", {}, {}, 1}) == list{gone.id, processing.id, wanted.id});
    CHECK(ids({{}, {}, "", "conversion", {}, {}, 50}) == list{others.id, wanted.id});
    CHECK(ids({{}, {}, "ann", "conversion", {}, {}, 50}) == list{wanted.id});
    CHECK(ids({{job_status::cancelled}, {}, "", "", {}, {}, 50}) == list{gone.id});
    CHECK(
        ids({{job_status::cancelled, job_status::pending}, {}, "bob", "", {}, {}, 50})
        == list{others.id}
    );
    CHECK(ids({{}, {job_type::image_processing}, "", "", {}, {}, 50}) == list{processing.id});
    CHECK(ids({{}, {}, "nobody", "", {}, {}, 50}).empty());
    CHECK(ids({{}, {}, "", "", {}, wanted.id, 50}).empty());
  }

  SECTION("a last page that is full has no next one") {
    d.add();
    d.add();
    job_filter filter;
    filter.limit = 2;
    CHECK(d.page(filter).jobs.size() == 2);
    CHECK(d.page(filter).next.value.is_nil());
  }
}

inline void check_durability(const store_maker& make) {
  if (!make.reopen) {
    return;
  }
  driver d{make.open()};

  SECTION("a store that is opened again holds what it held") {
    job keyed = d.new_job("ann", 3);
    keyed.request.idempotency_key = "key";
    d.add(keyed);
    const job high = d.add("bob", 9);
    const job promoted = d.add("cat", 1);
    job later = d.new_job("ann");
    later.request.run_at = d.now + milliseconds{5'000};
    d.add(later);
    const job running = d.claim_one();
    REQUIRE(running.id == high.id);
    d.one(store_op::update_progress{current_attempt(running), {job_stage::uploading, 80}});
    d.one(store_op::prioritize{promoted.id});
    d.one(store_op::pause{job_type::image_processing, true});
    const auto before = d.all({});
    const job_counts counts = *d.store->counts();

    d.store = make.reopen(std::move(d.store));
    CHECK(d.all({}) == before);
    CHECK(*d.store->counts() == counts);
    CHECK(d.store->waiting()->paused == std::vector{job_type::image_processing});
    CHECK(d.one(store_op::enqueue{keyed}).existing);
    CHECK(d.last.next_due == later.request.run_at);
    CHECK(ids_of(d.claim(2)) == std::vector<job_id>{promoted.id, keyed.id});
    CHECK_FALSE(d.one(store_op::complete{current_attempt(running), {}}).error);
    CHECK(d.one(store_op::reclaim{"host-1"}).jobs.size() == 2);
  }
}

}  // namespace stayler::adapters::conformance
