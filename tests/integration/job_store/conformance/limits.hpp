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

  SECTION("no more jobs of a user are accepted than may wait of it, whatever waits of others") {
    const auto submit = [&](const std::string& user, std::uint64_t bound) {
      return d.one(store_op::enqueue{d.new_job(user), 0, bound}).error;
    };
    for (int i = 0; i < 300; ++i) {
      d.add("bob");
    }
    job later = d.new_job();
    later.request.run_at = d.now + milliseconds{1'000};
    d.add(later);
    job repeat = d.new_job();
    repeat.request.idempotency_key = "key";
    CHECK_FALSE(d.one(store_op::enqueue{repeat, 0, 2}).error);
    const failure refused = submit("ann", 2);
    CHECK(refused.kind == error_class::rate_limited);
    CHECK(refused.retry_after > milliseconds{0});
    CHECK(
        refused.message
        == "the queue is full for user ann: 2 of its jobs wait, and no more than 2 may"
    );
    CHECK(submit("bob", 300).kind == error_class::rate_limited);
    CHECK_FALSE(submit("bob", 301));
    CHECK_FALSE(submit("cat", 1));
    repeat.id = d.new_job().id;
    CHECK(d.one(store_op::enqueue{repeat, 0, 2}).existing);
    CHECK(d.last.counts.accepted == 304);
    d.now = later.request.run_at;
    CHECK(submit("ann", 2).kind == error_class::rate_limited);
  }

  SECTION(
      "there is room for a user again when its jobs are leased or cancelled, and none when they "
      "come back"
  ) {
    using store_op::end_of_lease;
    const auto has_room = [&](std::uint64_t bound) {
      const job probe = d.new_job();
      const bool is_taken = !d.one(store_op::enqueue{probe, 0, bound}).error;
      if (is_taken) {
        d.one(store_op::cancel{probe.id});
      }
      return is_taken;
    };
    const auto waiting_are = [&](std::uint64_t number) {
      return has_room(number + 1) && (number == 0 || !has_room(number));
    };
    d.add();
    d.add();
    job later = d.new_job();
    later.request.run_at = d.now + milliseconds{60'000};
    d.add(later);
    CHECK(waiting_are(3));
    const auto running = d.claim(2);
    CHECK(waiting_are(1));
    const attempt_id first = current_attempt(running[0]);
    const attempt_id second = current_attempt(running[1]);
    d.one(store_op::requeue{
        first, end_of_lease::failed, error_of(error_class::timeout), d.now + milliseconds{9'000}});
    CHECK(waiting_are(2));
    d.one(store_op::fail{second, end_of_lease::failed, error_of(error_class::timeout)});
    CHECK(waiting_are(2));
    CHECK_FALSE(d.one(store_op::retry{second.job}).error);
    CHECK(waiting_are(3));
    d.one(store_op::cancel{later.id});
    d.one(store_op::make_available{first.job});
    d.one(store_op::prioritize{second.job, precedence::own_jobs});
    CHECK(waiting_are(2));
    for (const job& j : d.claim(2)) {
      d.one(store_op::complete{current_attempt(j), {}});
    }
    CHECK(waiting_are(0));
    d.add();
    d.claim_one();
    d.one(store_op::reclaim{"host-1"});
    CHECK(waiting_are(1));
    d.one(store_op::verify_indexes{});
    CHECK(d.last.counts.repaired == 0);
  }

  SECTION("the bound of a user holds within a batch, for its jobs alone") {
    std::vector<store_change> batch;
    for (int i = 0; i < 4; ++i) {
      batch.emplace_back(store_op::enqueue{d.new_job("ann"), 0, 2});
      batch.emplace_back(store_op::enqueue{d.new_job("user-" + std::to_string(i)), 0, 2});
    }
    const store_outcome outcome = d.store->execute(batch, d.now);
    CHECK(outcome.counts.pending == 6);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const bool is_refused = i == 4 || i == 6;
      CHECK(
          outcome.replies[i].error.kind
          == (is_refused ? error_class::rate_limited : error_class::none)
      );
    }
  }

  SECTION("jobs of a paused type wait, the others do not") {
    const job paused = d.add("ann", 20);
    job other = d.new_job("ann", 1);
    other.request.type = job_type::image_processing;
    d.add(other);
    const auto made =
        d.one(store_op::pause{{.type = job_type::image_conversion, .reason = "keys"}});
    REQUIRE(made.pause.after);
    CHECK(d.store->waiting()->paused == std::vector{*made.pause.after});
    CHECK(ids_of(d.claim(2)) == std::vector{other.id});
    CHECK(d.claim(1).empty());
    d.one(store_op::resume{job_type::image_conversion});
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
