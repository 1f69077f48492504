// SPDX-License-Identifier: MIT

// Who is found under which name and address, over starts, ends and abandonment.

#include "actors/supervision/children/child_table.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::test;

namespace {

class child_table_fixture : public fixture {
 public:
  /// An actor that does nothing.
  caf::actor make_actor() {
    return spawn([](caf::event_based_actor*) -> caf::behavior { return {[](unit_value) {}}; });
  }

  actors::child_table children;
};

}  // namespace

TEST_CASE_METHOD(child_table_fixture, "core actors and workers are entered once, by name") {
  children.core("queue").restarts = 3;
  CHECK(children.core("queue").restarts == 3);
  CHECK(children.core("queue").name == "queue");
  CHECK_FALSE(children.core("queue").is_worker);
  CHECK(children.worker("worker-1").is_worker);
  CHECK(children.find("queue") == &children.core("queue"));
  CHECK(children.find("worker-1") == &children.worker("worker-1"));
  CHECK(children.find_worker("worker-1") == &children.worker("worker-1"));
  CHECK(children.find_worker("queue") == nullptr);
  CHECK(children.find("records") == nullptr);
  children.remove_worker("worker-1");
  CHECK(children.find("worker-1") == nullptr);
  CHECK(children.core().size() == 1);
}

TEST_CASE_METHOD(child_table_fixture, "only a child that runs is found by its address") {
  const caf::actor first = make_actor();
  const caf::actor second = make_actor();
  children.set_running(children.core("queue"), first);
  children.set_running(children.worker("worker-1"), second);
  CHECK(children.find_running(first.address()) == children.find("queue"));
  CHECK(children.find_running(second.address()) == children.find("worker-1"));
  children.set_stopped(children.core("queue"));
  CHECK(children.find_running(first.address()) == nullptr);
}

TEST_CASE_METHOD(child_table_fixture, "an actor that was told to end does not count as running") {
  children.set_running(children.core("records"), make_actor());
  children.core("queue");
  CHECK(children.are_running({}));
  CHECK(children.are_running({"records"}));
  CHECK_FALSE(children.are_running({"records", "queue"}));
  CHECK_FALSE(children.are_running({"library"}));
  CHECK_FALSE(children.is_core_ending());
  children.core("records").is_ending = true;
  CHECK_FALSE(children.are_running({"records"}));
  CHECK(children.is_core_ending());
  children.set_stopped(children.core("records"));
  CHECK_FALSE(children.is_core_ending());
}

TEST_CASE_METHOD(child_table_fixture, "an abandoned actor is forgotten when it ends after all") {
  const caf::actor stuck = make_actor();
  children.set_running(children.worker("worker-1"), stuck);
  children.abandon(children.worker("worker-1"));
  CHECK_FALSE(children.worker("worker-1").handle);
  CHECK(children.find_running(stuck.address()) == nullptr);
  CHECK(children.abandoned_count() == 1);
  CHECK(children.remove_abandoned(stuck.address()) == "worker-1");
  CHECK(children.remove_abandoned(stuck.address()) == std::nullopt);
  CHECK(children.abandoned_count() == 0);
}
