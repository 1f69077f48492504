// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of its bounds, of paused types and of its indexes.

#include "tests/integration/job_store/conformance/driver.hpp"

namespace stayler::adapters::conformance {

inline void check_limits(const store_maker& make) {
  driver d{make.open()};

  SECTION("no more jobs are accepted than may wait") {
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

  SECTION("verifying the indexes of a sound store finds nothing") {
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

}  // namespace stayler::adapters::conformance
