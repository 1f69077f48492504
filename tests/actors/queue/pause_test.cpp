// SPDX-License-Identifier: MIT

// Types that are paused: they go on when somebody says so, or by themselves at the pause's end.

#include "tests/actors/queue/queue_fixture.hpp"

namespace stayler::test {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class pausing : public queue_fixture {
 public:
  pausing() {
    // Nothing looks by itself: what happens at a pause's end is the doing of its timer.
    config.poll_interval = std::chrono::hours{24};
    start_queue();
  }

  pause_change pause(timestamp until) {
    return *call<pause_change>(
        queue, pause_atom_v,
        type_pause{job_type::image_conversion, {}, until, "ops", "switching keys"}
    );
  }
};

}  // namespace

TEST_CASE_METHOD(pausing, "jobs of a paused type are dispatched when it is resumed") {
  add_worker();
  const auto made = pause({});
  submit("c1");
  CHECK(seen->assigned.empty());
  CHECK(status().paused == std::vector{*made.after});
  const auto resumed =
      *call<pause_change>(queue, resume_atom_v, job_type::image_conversion, std::string{"ops"});
  CHECK(resumed == pause_change{made.after, {}});
  CHECK(seen->assigned.size() == 1);
}

TEST_CASE_METHOD(pausing, "a type goes on by itself at the end of its pause") {
  add_worker();
  pause(now() + minutes{30});
  submit("c1");
  advance(minutes{30} - seconds{1});
  CHECK(seen->assigned.empty());
  advance(seconds{1});
  CHECK(seen->assigned.size() == 1);
  CHECK(status().paused.empty());
}

TEST_CASE_METHOD(pausing, "a pause that was made longer ends at its new end") {
  add_worker();
  pause(now() + minutes{10});
  submit("c1");
  pause(now() + minutes{20});
  advance(minutes{19});
  CHECK(seen->assigned.empty());
  CHECK(status().paused.size() == 1);
  advance(minutes{1});
  CHECK(seen->assigned.size() == 1);
}

TEST_CASE_METHOD(pausing, "a pause whose end nobody has met yet is shown no longer") {
  pause(now() + minutes{10});
  advance(minutes{10});
  CHECK(status().paused.empty());
}

TEST_CASE_METHOD(pausing, "a queue that starts after the end of a pause gives out jobs") {
  pause(now() + minutes{10});
  submit("c1");
  kill(queue);
  advance(minutes{15});
  start_queue();
  add_worker();
  CHECK(seen->assigned.size() == 1);
}

}  // namespace stayler::test
