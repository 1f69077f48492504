// SPDX-License-Identifier: MIT
#pragma once

// What a durable store promises to whoever opens it again.

#include "tests/integration/job_store/conformance/driver.hpp"

namespace stayler::adapters::conformance {

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
    const job prioritized = d.add("cat", 1);
    job later = d.new_job("ann");
    later.request.run_at = d.now + milliseconds{5'000};
    d.add(later);
    const job running = d.claim_one();
    REQUIRE(running.id == high.id);
    d.one(store_op::update_progress{current_attempt(running), {job_stage::uploading, 80}});
    d.one(store_op::prioritize{prioritized.id});
    const type_pause pause{
        job_type::image_processing, {}, d.now + milliseconds{9'000}, "ops", "new \"keys\", Zürich"};
    const auto paused = d.one(store_op::pause{pause}).pause.after;
    const auto before = d.all({});
    const job_counts counts = *d.store->counts();

    d.store = make.reopen(std::move(d.store));
    CHECK(d.all({}) == before);
    CHECK(*d.store->counts() == counts);
    REQUIRE(paused);
    CHECK(d.store->waiting()->paused == std::vector{*paused});
    CHECK(d.one(store_op::enqueue{keyed}).existing);
    CHECK(d.last.next_due == later.request.run_at);
    CHECK(ids_of(d.claim(2)) == std::vector<job_id>{prioritized.id, keyed.id});
    CHECK_FALSE(d.one(store_op::complete{current_attempt(running), {}}).error);
    CHECK(d.one(store_op::reclaim{"host-1"}).jobs.size() == 2);
  }

  SECTION("what goes ahead, and how many wait of each user, is known when it is opened again") {
    d.one(store_op::enqueue{d.new_job("ann"), 0, 9});
    const job ahead = d.add("ann", 1);
    job later = d.new_job("ann");
    later.request.run_at = d.now + milliseconds{5'000};
    d.add(later);
    d.one(store_op::prioritize{ahead.id, precedence::own_jobs});
    d.store = make.reopen(std::move(d.store));
    const store_op::enqueue fourth{d.new_job("ann"), 0, 3};
    CHECK(d.one(fourth).error.kind == error_class::rate_limited);
    CHECK(d.claim_one().id == ahead.id);
    CHECK_FALSE(d.one(fourth).error);
  }
}

}  // namespace stayler::adapters::conformance
