// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of whose job is next.

#include "tests/integration/job_store/conformance/driver.hpp"

#include <algorithm>

namespace stayler::adapters::conformance {

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

  SECTION("a prioritized job is next, ahead of priority and due time") {
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

  SECTION("a job that goes ahead of its user's others is their next, whatever their priority") {
    const job urgent = d.add("ann", 20);
    const job low = d.add("ann", 1);
    job later = d.new_job("ann", 1);
    later.request.run_at = d.now + milliseconds{3'600'000};
    d.add(later);
    for (const job_id& id : {later.id, low.id}) {
      const store_reply reply = d.one(store_op::prioritize{id, precedence::own_jobs});
      CHECK(reply.jobs.at(0).status == job_status::pending);
    }
    CHECK(d.last.counts.scheduled == 0);
    CHECK(ids_of(d.claim(3)) == std::vector<job_id>{low.id, later.id, urgent.id});
    CHECK(d.claim(1).empty());
    CHECK(d.last.counts.repaired == 0);
    const store_op::prioritize again{low.id, precedence::own_jobs};
    CHECK(d.one(again).error.kind == error_class::conflict);
  }

  SECTION("users take turns, however many of their jobs they put ahead") {
    std::vector<job> flood;
    for (int i = 0; i < 200; ++i) {
      flood.push_back(d.add("ann"));
    }
    d.add("bob");
    d.add("cat", 7);
    for (const job& j : flood) {
      REQUIRE_FALSE(d.one(store_op::prioritize{j.id, precedence::own_jobs}).error);
    }
    CHECK(users_of(d.claim(4)) == std::vector<std::string>{"cat", "ann", "bob", "ann"});
    CHECK(d.claim(250).size() == 198);
    CHECK(d.last.counts.repaired == 0);
  }

  SECTION("who puts a job ahead keeps the turn that he had") {
    const job first = d.add("ann");
    d.add("bob");
    d.one(store_op::prioritize{first.id, precedence::own_jobs});
    CHECK(users_of(d.claim(2)) == std::vector<std::string>{"ann", "bob"});
  }

  SECTION("what goes ahead of all is before what goes ahead of its user's, and stays there") {
    const job own = d.add("ann", 20);
    const job both = d.add("ann", 1);
    const job all = d.add("bob", 1);
    d.one(store_op::prioritize{own.id, precedence::own_jobs});
    d.one(store_op::prioritize{both.id, precedence::own_jobs});
    d.one(store_op::prioritize{both.id});
    d.one(store_op::prioritize{all.id});
    CHECK_FALSE(d.one(store_op::prioritize{all.id, precedence::own_jobs}).error);
    CHECK(ids_of(d.claim(3)) == std::vector<job_id>{both.id, all.id, own.id});
  }

  SECTION("a job goes ahead for one lease, and not once it is cancelled") {
    const job old = d.add("ann");
    const job ahead = d.add("ann");
    const job cancelled = d.add("ann");
    d.one(store_op::prioritize{ahead.id, precedence::own_jobs});
    d.one(store_op::prioritize{cancelled.id, precedence::own_jobs});
    d.one(store_op::cancel{cancelled.id});
    const job running = d.claim_one();
    REQUIRE(running.id == ahead.id);
    d.one(store_op::requeue{
        current_attempt(running),
        store_op::end_of_lease::failed,
        error_of(error_class::timeout),
        {}});
    CHECK(ids_of(d.claim(3)) == std::vector<job_id>{old.id, ahead.id});
  }

  SECTION("of a type that is not given out nothing goes ahead") {
    const job paused = d.add("ann");
    job other = d.new_job("ann");
    other.request.type = job_type::image_processing;
    d.add(other);
    d.one(store_op::prioritize{paused.id, precedence::own_jobs});
    d.one(store_op::pause{{}});
    CHECK(ids_of(d.claim(2)) == std::vector<job_id>{other.id});
  }

  SECTION("a job that is made available is due at once, in its normal turn") {
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
    CHECK_FALSE(is_set(d.store->waiting()->oldest_due));
  }

  SECTION("since when the oldest pending job could run is known: it may have been for later") {
    job later = d.new_job();
    later.request.run_at = d.now + milliseconds{60'000};
    d.add(later);
    d.now += milliseconds{61'000};
    const job young = d.add("ann", 5);
    CHECK(d.store->waiting()->oldest_pending == later.created_at);
    CHECK(d.store->waiting()->oldest_due == later.request.run_at);
    d.one(store_op::cancel{later.id});
    CHECK(d.store->waiting()->oldest_due == young.created_at);
  }
}

}  // namespace stayler::adapters::conformance
