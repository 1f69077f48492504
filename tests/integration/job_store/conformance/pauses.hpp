// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of types that are paused: until when, and what is kept of why.

#include "tests/integration/job_store/conformance/driver.hpp"

namespace stayler::adapters::conformance {

inline type_pause pause_until(timestamp until, const std::string& reason = "switching keys") {
  return {job_type::image_conversion, {}, until, "ops", reason};
}

inline void check_pauses(const store_maker& make) {
  driver d{make.open()};

  SECTION("a pause says since when, until when, by whom and why") {
    type_pause wanted = pause_until(d.now + milliseconds{60'000}, "\"a\\b\", Zürich: 12\n");
    const pause_change made = d.one(store_op::pause{wanted}).pause;
    wanted.since = d.now;
    CHECK(made == pause_change{{}, wanted});
    CHECK(d.store->waiting()->paused == std::vector{wanted});
  }

  SECTION("a pause takes the place of an earlier one, but for the time since when") {
    const auto first = d.one(store_op::pause{pause_until({})}).pause.after;
    d.now += milliseconds{1'000};
    type_pause longer = pause_until(d.now + milliseconds{5'000}, "it takes longer");
    const pause_change made = d.one(store_op::pause{longer}).pause;
    longer.since = d.now - milliseconds{1'000};
    CHECK(made == pause_change{first, longer});
    CHECK(d.store->waiting()->paused == std::vector{longer});
    CHECK(d.one(store_op::resume{}).pause == pause_change{longer, {}});
    CHECK(d.store->waiting()->paused.empty());
    CHECK(d.one(store_op::resume{}).pause == pause_change{});
  }

  SECTION("at its end, and not before, jobs of the type are given out again") {
    const job waiting = d.add();
    const timestamp end = d.now + milliseconds{60'000};
    const auto made = d.one(store_op::pause{pause_until(end)}).pause.after;
    CHECK(d.last.next_due == end);
    d.now = end - milliseconds{1};
    CHECK(d.claim(1).empty());
    CHECK(d.last.ended_pauses.empty());
    d.now = end;
    CHECK(d.claim_one().id == waiting.id);
    CHECK(d.last.ended_pauses == std::vector{*made});
    CHECK_FALSE(is_set(d.last.next_due));
    CHECK(d.store->waiting()->paused.empty());
    CHECK(d.store->execute({}, d.now).ended_pauses.empty());
  }

  SECTION("the next wait to end is that of a job or of a pause") {
    job later = d.new_job();
    later.request.run_at = d.now + milliseconds{5'000};
    d.add(later);
    d.one(store_op::pause{pause_until(d.now + milliseconds{9'000})});
    CHECK(d.last.next_due == later.request.run_at);
    d.one(store_op::pause{pause_until(d.now + milliseconds{2'000})});
    CHECK(d.last.next_due == d.now + milliseconds{2'000});
    d.one(store_op::pause{pause_until({})});
    CHECK(d.last.next_due == later.request.run_at);
  }

  SECTION("an end that is taken back does not come") {
    d.add();
    d.one(store_op::pause{pause_until(d.now + milliseconds{1'000})});
    d.one(store_op::pause{pause_until({})});
    d.now += milliseconds{60'000};
    CHECK(d.claim(1).empty());
    CHECK(d.store->waiting()->paused.size() == 1);
  }

  SECTION("one type's pause and its end are none of the other's") {
    job other = d.new_job();
    other.request.type = job_type::image_processing;
    d.one(store_op::pause{pause_until(d.now + milliseconds{1'000})});
    d.one(store_op::pause{{.type = job_type::image_processing}});
    d.add(other);
    d.now += milliseconds{1'000};
    CHECK(d.claim(1).empty());
    const auto left = d.store->waiting()->paused;
    REQUIRE(left.size() == 1);
    CHECK(left.front().type == job_type::image_processing);
  }

  if (make.reopen) {
    SECTION("an end that came while the store was closed is met by the first batch") {
      const job waiting = d.add();
      d.one(store_op::pause{pause_until(d.now + milliseconds{1'000})});
      d.store = make.reopen(std::move(d.store));
      CHECK(d.claim(1).empty());
      CHECK(d.last.next_due == d.now + milliseconds{1'000});
      d.store = make.reopen(std::move(d.store));
      d.now += milliseconds{3'600'000};
      CHECK(d.claim_one().id == waiting.id);
      CHECK(d.last.ended_pauses.size() == 1);
    }
  }
}

}  // namespace stayler::adapters::conformance
