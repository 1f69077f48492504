// SPDX-License-Identifier: MIT

// The alarm for the earliest due time, and the clock that somebody sets; what fails together does
// not come back together.

#include "actors/queue/retry_scheduler.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// A wall clock that can be set, beside the scheduler's time, which cannot.
class settable_clock final : public adapters::wall_clock {
 public:
  explicit settable_clock(std::shared_ptr<adapters::wall_clock> of) : of_(std::move(of)) {}
  [[nodiscard]] timestamp now() const override { return of_->now() + set_by; }
  milliseconds set_by{0};

 private:
  std::shared_ptr<adapters::wall_clock> of_;
};

caf::behavior fake_queue(caf::event_based_actor*, std::shared_ptr<int> rung) {
  return {[rung](due_atom) { ++*rung; }};
}

class scheduler_fixture : public fixture {
 public:
  void arm_for(milliseconds from_now) {
    tell(scheduler, arm_atom_v, clock->now() + from_now, queue);
  }

  std::shared_ptr<settable_clock> clock = std::make_shared<settable_clock>(fixture::clock());
  std::shared_ptr<int> rung = std::make_shared<int>(0);
  queue_actor queue = spawn_fake<queue_actor>(fake_queue, rung);
  actors::retry_scheduler_impl scheduler =
      spawn(actors::retry_scheduler, actors::retry_scheduler_options{clock, {}});
};

}  // namespace

TEST_CASE_METHOD(scheduler_fixture, "the alarm goes off when the earliest is due, and once") {
  arm_for(minutes{2});
  arm_for(minutes{1});
  arm_for(minutes{3});
  advance(seconds{59}, milliseconds{500});
  CHECK(*rung == 0);
  advance(seconds{2}, milliseconds{500});
  CHECK(*rung == 1);
  advance(minutes{5}, seconds{1});
  CHECK(*rung == 1);  // who waits arms it anew
}

TEST_CASE_METHOD(scheduler_fixture, "a clock that is set forward rings what is due now, once") {
  arm_for(minutes{50});
  advance(seconds{10}, seconds{1});
  clock->set_by = hours{1};
  advance(seconds{30}, seconds{1});
  CHECK(*rung == 1);
  advance(hours{1}, seconds{10});
  CHECK(*rung == 1);
}

TEST_CASE_METHOD(scheduler_fixture, "a clock that is set back makes nothing due before its time") {
  arm_for(minutes{1});
  clock->set_by = -hours{1};
  advance(minutes{30}, seconds{10});
  CHECK(*rung == 0);
  advance(minutes{32}, seconds{10});
  CHECK(*rung == 1);
}

TEST_CASE_METHOD(scheduler_fixture, "attempts that fail together do not come back together") {
  tell(scheduler, start_atom_v, std::uint32_t{300});
  job failed;
  failed.request.max_retries = 10;
  failed.failures = 0;
  std::vector<milliseconds> pauses;
  for (int i = 0; i < 300; ++i) {
    const auto decided = call<retry_decision>(
        scheduler, decide_atom_v, failed, failure{error_class::unavailable, "away"}
    );
    REQUIRE(decided->will_retry);
    pauses.push_back(decided->due_at - clock->now());
  }
  // The burst that is always allowed, and then half as many a second as had their first attempt.
  std::ranges::sort(pauses);
  for (std::size_t i = 0; i + 100 < pauses.size(); ++i) {
    CHECK(pauses[i + 100] - pauses[i] > seconds{1});
  }
  CHECK(pauses.back() > seconds{8});
}
