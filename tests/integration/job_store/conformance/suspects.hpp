// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of suspects: jobs that have lost their worker twice, and are given out
// apart from other jobs where a claim asks for it.

#include "messages/jobs/suspect.hpp"
#include "tests/integration/job_store/conformance/driver.hpp"

namespace stayler::adapters::conformance {

using store_op::suspect_rule;

/// Claims by that rule; the jobs, and whether suspects were left out that wait.
inline store_reply claim_by(driver& d, suspect_rule rule, std::size_t count = 9) {
  store_op::claim wanted{std::vector<std::string>(count, "worker"), "host-1", lease_time};
  wanted.suspects = rule;
  store_reply reply = d.one(wanted);
  REQUIRE_FALSE(reply.error);
  return reply;
}

/// The job's worker is lost; it may run again at that time.
inline job lose_worker(driver& d, const job& running, timestamp due = {}) {
  return d
      .one(store_op::requeue{
          current_attempt(running), store_op::end_of_lease::crashed,
          error_of(error_class::worker_lost), due})
      .jobs.at(0);
}

/// A job of that user that waits, and has lost its worker twice.
inline job add_suspect(driver& d, const std::string& user = "ann") {
  job suspect = d.add(user, 20);
  for (std::uint32_t loss = 0; loss < losses_of_suspect; ++loss) {
    const auto running = claim_by(d, suspect_rule::left_out, 1).jobs;
    REQUIRE(ids_of(running) == std::vector{suspect.id});
    suspect = lose_worker(d, running.front());
  }
  return suspect;
}

inline void check_suspects(const store_maker& make) {
  driver d{make.open()};

  SECTION("a job that has lost its worker twice is left out of claims that want none") {
    const job suspect = add_suspect(d);
    CHECK(is_suspect(suspect));
    const job other = d.add("ann");
    const auto others = claim_by(d, suspect_rule::left_out);
    CHECK(ids_of(others.jobs) == std::vector{other.id});
    CHECK(others.has_more);
    const auto suspects = claim_by(d, suspect_rule::only);
    CHECK(ids_of(suspects.jobs) == std::vector{suspect.id});
    CHECK_FALSE(claim_by(d, suspect_rule::left_out).has_more);
  }

  SECTION("one loss makes no suspect") {
    const job once = d.add();
    CHECK_FALSE(is_suspect(lose_worker(d, d.claim_one())));
    CHECK(claim_by(d, suspect_rule::only).jobs.empty());
    CHECK(ids_of(claim_by(d, suspect_rule::left_out).jobs) == std::vector{once.id});
  }

  SECTION("a suspect takes its turn among the others where nobody sets it apart") {
    const job suspect = add_suspect(d);
    const job other = d.add("bob", 1);
    CHECK(ids_of(d.claim(2)) == std::vector{suspect.id, other.id});
  }

  SECTION("a suspect that waits for its time is one when it has come") {
    add_suspect(d);
    const auto running = claim_by(d, suspect_rule::only).jobs;
    lose_worker(d, running.at(0), d.now + milliseconds{100});
    CHECK_FALSE(claim_by(d, suspect_rule::left_out).has_more);
    d.now += milliseconds{100};
    CHECK(claim_by(d, suspect_rule::left_out).has_more);
    CHECK(ids_of(claim_by(d, suspect_rule::only).jobs) == ids_of(running));
  }

  SECTION("suspects of a type that is not given out stay where they are, and are not told of") {
    add_suspect(d);
    d.one(store_op::pause{{}});
    CHECK_FALSE(claim_by(d, suspect_rule::left_out).has_more);
    CHECK(claim_by(d, suspect_rule::only).jobs.empty());
    d.one(store_op::resume{job_type::image_conversion});
    store_op::claim wanted{{"worker"}, "host-1", lease_time, {job_type::image_conversion}};
    wanted.suspects = suspect_rule::only;
    CHECK(d.one(wanted).jobs.empty());
    CHECK(claim_by(d, suspect_rule::only).jobs.size() == 1);
  }

  SECTION("a suspect is prioritized among suspects, and cancelled as any job") {
    const job first = add_suspect(d);
    const job second = add_suspect(d, "bob");
    const job third = add_suspect(d, "bob");
    d.one(store_op::prioritize{third.id, precedence::own_jobs});
    d.one(store_op::prioritize{second.id});
    d.one(store_op::cancel{first.id});
    CHECK(claim_by(d, suspect_rule::left_out).jobs.empty());
    const auto left = claim_by(d, suspect_rule::only).jobs;
    CHECK(ids_of(left) == std::vector{second.id, third.id});
    CHECK_FALSE(is_suspect(d.stored(first.id)));
  }

  SECTION("the last loss ends the suspicion, and a retry by hand begins anew") {
    const job suspect = add_suspect(d);
    const job running = claim_by(d, suspect_rule::only).jobs.at(0);
    const auto dead = d.one(store_op::fail{
        current_attempt(running), store_op::end_of_lease::crashed,
        error_of(error_class::worker_lost)});
    CHECK(dead.jobs.at(0).crashes == 3);
    CHECK_FALSE(is_suspect(dead.jobs.at(0)));
    CHECK_FALSE(is_suspect(d.one(store_op::retry{suspect.id}).jobs.at(0)));
    CHECK(ids_of(claim_by(d, suspect_rule::left_out).jobs) == std::vector{suspect.id});
  }

  if (make.reopen) {
    SECTION("a suspect is one after a restart") {
      const job suspect = add_suspect(d);
      d.add("bob");
      d.store = make.reopen(std::move(d.store));
      CHECK(claim_by(d, suspect_rule::left_out).has_more);
      CHECK(ids_of(claim_by(d, suspect_rule::only).jobs) == std::vector{suspect.id});
      d.one(store_op::verify_indexes{});
      CHECK(d.last.counts.repaired == 0);
    }
  }
}

}  // namespace stayler::adapters::conformance
