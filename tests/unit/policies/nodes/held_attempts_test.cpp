// SPDX-License-Identifier: MIT

// Of which attempts a node may speak.
#include "policies/nodes/held_attempts.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using policies::held_attempts;

namespace {

attempt_id attempt_of(std::uint8_t number, std::uint64_t token = 1) {
  attempt_id made;
  made.job.value.bytes.fill(number);
  made.token = fencing_token{token};
  return made;
}

}  // namespace

TEST_CASE("a node may speak of the attempts in its slots, and of nothing else") {
  held_attempts held;
  CHECK_FALSE(held.holds(attempt_of(1)));
  held.begin("a", attempt_of(1));
  held.begin("b", attempt_of(2));
  CHECK(held.holds(attempt_of(1)));
  CHECK(held.holds(attempt_of(2)));
  CHECK_FALSE(held.holds(attempt_of(3)));
  CHECK_FALSE(held.holds(attempt_of(1, 2)));
  CHECK(held.holds_job(attempt_of(1, 2).job));
  CHECK_FALSE(held.holds_job(attempt_of(3).job));
  CHECK(held.holds_picture(picture_id_of(attempt_of(2))));
  CHECK_FALSE(held.holds_picture(picture_id_of(attempt_of(2, 2))));
  CHECK(held.all().size() == 2);
}

TEST_CASE("what an attempt says late counts, also when its slot has the next one or is gone") {
  held_attempts held;
  held.begin("a", attempt_of(1));
  held.begin("a", attempt_of(2));
  CHECK(held.holds(attempt_of(1)));
  held.end_slot("a");
  CHECK(held.holds(attempt_of(2)));
}

TEST_CASE("a node that goes through many attempts is not remembered with all of them") {
  held_attempts held;
  held.begin("long", attempt_of(255));
  for (std::uint64_t token = 1; token <= 1'000; ++token) {
    const std::string slot = "slot-" + std::to_string(token);
    held.begin(slot, attempt_of(1, token));
    held.end_slot(slot);
  }
  CHECK(held.all().size() <= 6);
  CHECK(held.holds(attempt_of(255)));
  CHECK_FALSE(held.holds(attempt_of(1, 1)));
}
