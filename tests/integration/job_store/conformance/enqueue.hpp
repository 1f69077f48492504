// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of new jobs.

#include "tests/integration/job_store/conformance/driver.hpp"

namespace stayler::adapters::conformance {

inline void check_enqueue(const store_maker& make) {
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

  SECTION("an idempotency key always names the same job, and only for its user") {
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

  SECTION("an idempotency key names one request, and is refused to any other") {
    const auto with_print = [&](const std::string& fingerprint) {
      job made = d.new_job();
      made.request.idempotency_key = "key";
      made.request.fingerprint = fingerprint;
      return made;
    };
    const std::vector<store_change> batch{
        store_op::enqueue{with_print("coat")}, store_op::enqueue{with_print("hat")},
        store_op::enqueue{with_print("coat")}};
    const store_outcome outcome = d.store->execute(batch, d.now);
    const job_id first = outcome.replies.at(0).jobs.at(0).id;
    CHECK(outcome.replies.at(1).error.kind == error_class::key_reused);
    CHECK(outcome.replies.at(1).error.message.find(to_string(first)) != std::string::npos);
    CHECK(outcome.replies.at(1).jobs.empty());
    CHECK(outcome.replies.at(2).existing);
    CHECK(outcome.replies.at(2).jobs.at(0).id == first);
    CHECK(outcome.counts.pending == 1);
    d.one(store_op::complete{current_attempt(d.claim_one()), {}});
    CHECK(d.one(store_op::enqueue{with_print("hat")}).error.kind == error_class::key_reused);
    CHECK(d.one(store_op::enqueue{with_print("coat")}).existing);
    CHECK(d.stored(first).request.fingerprint == "coat");
  }

  SECTION("a job that came before there were fingerprints is equal to any") {
    job old = d.new_job();
    old.request.idempotency_key = "key";
    d.add(old);
    job again = d.new_job();
    again.request.idempotency_key = "key";
    again.request.fingerprint = "coat";
    const store_reply repeat = d.one(store_op::enqueue{again});
    CHECK(repeat.existing);
    CHECK(repeat.jobs.at(0).id == old.id);
  }

  SECTION("a conversion in flight is not accepted twice, but again when it is final") {
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
  }

  SECTION("a conversion in flight is refused to other users, whose jobs it is not") {
    job first = d.new_job();
    first.request.conversion_id = "conversion";
    d.add(first);
    job others = d.new_job("bob");
    others.request.conversion_id = "conversion";
    const store_reply refused = d.one(store_op::enqueue{others});
    CHECK(refused.error.kind == error_class::conflict);
    CHECK(refused.error.message == "conversion conversion belongs to another user");
    CHECK(refused.jobs.empty());
    CHECK_FALSE(refused.existing);
    CHECK(d.last.counts.accepted == 1);
    CHECK(d.store->find(others.id).error().kind == error_class::not_found);
    const job running = d.claim_one();
    CHECK(d.one(store_op::enqueue{others}).error.kind == error_class::conflict);
    d.one(store_op::complete{current_attempt(running), {}});
    CHECK(d.add(others).id == others.id);
  }

  SECTION("of two users' jobs for a conversion in one batch the first is taken") {
    job first = d.new_job();
    first.request.conversion_id = "conversion";
    job others = d.new_job("bob");
    others.request.conversion_id = "conversion";
    const std::vector<store_change> batch{store_op::enqueue{first}, store_op::enqueue{others}};
    const store_outcome outcome = d.store->execute(batch, d.now);
    CHECK_FALSE(outcome.replies.at(0).error);
    CHECK(outcome.replies.at(1).error.kind == error_class::conflict);
    CHECK(outcome.counts.pending == 1);
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

  SECTION("a job for later is not leased before its time") {
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

}  // namespace stayler::adapters::conformance
