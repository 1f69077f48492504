// SPDX-License-Identifier: MIT

// Waits and attempts are recorded when the store has taken that they are over.

#include "adapters/job_store/decorators/tracing_job_store.hpp"

#include "adapters/job_store/memory/memory_job_store.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;

namespace {

constexpr timestamp begin{milliseconds{1'800'000'000'000}};

const auto traced = *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

class traced_store {
 public:
  job_id enqueue(const trace_context& trace) {
    job value;
    value.id = {make_uuid_v7(begin)};
    value.request.user_id = "ann";
    value.request.max_retries = 3;
    value.request.trace = trace;
    change(store_op::enqueue{value}, 0);
    return value.id;
  }

  store_reply change(const store_change& one, int ms) {
    return store_->execute(std::span{&one, 1}, begin + milliseconds{ms}).replies.at(0);
  }

  attempt_id claim(int ms) {
    const auto reply = change(store_op::claim{{"worker-1"}, "here", milliseconds{30'000}}, ms);
    return current_attempt(reply.jobs.at(0));
  }

  /// What was recorded since this was asked last.
  std::vector<span> recorded() { return spans_->take(); }

  /// The one span that was; its outcome.
  std::string outcome() {
    const auto all = recorded();
    REQUIRE(all.size() == 1);
    const auto found =
        std::ranges::find(all.front().attributes, "stayler.outcome", &span_attribute::name);
    return std::get<std::string>(found->value);
  }

 private:
  span_buffer_ptr spans_ = std::make_shared<span_buffer>();
  std::unique_ptr<job_store> store_ = make_tracing_job_store(make_memory_job_store(), spans_);
};

store_op::requeue requeue(
    const attempt_id& attempt, store_op::end_of_lease cause, const failure& error = {}
) {
  return {attempt, cause, error, {}};
}

span_time at(int ms) {
  return begin + milliseconds{ms};
}

}  // namespace

TEST_CASE("a wait lasts from when a job could first have run, or from its last attempt's end") {
  traced_store store;
  store.enqueue(traced);
  CHECK(store.recorded().empty());
  const auto first = store.claim(100);
  const auto wait = store.recorded();
  REQUIRE(wait.size() == 1);
  CHECK(wait[0].name == "wait in queue");
  CHECK(wait[0].parent_id == traced.span_id);
  CHECK(wait[0].began == at(0));
  CHECK(wait[0].ended == at(100));
  store.change(requeue(first, store_op::end_of_lease::failed), 300);
  static_cast<void>(store.recorded());
  static_cast<void>(store.claim(400));
  const auto again = store.recorded();
  REQUIRE(again.size() == 1);
  CHECK(again[0].began == at(300));
  CHECK(again[0].ended == at(400));
}

TEST_CASE("an attempt's span has the id that all who know the attempt know") {
  traced_store store;
  store.enqueue(traced);
  const auto attempt = store.claim(100);
  static_cast<void>(store.recorded());
  store.change(
      store_op::fail{attempt, store_op::end_of_lease::failed, {error_class::timeout, ""}}, 900
  );
  const auto ended = store.recorded();
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].name == "process job");
  CHECK(ended[0].place.span_id == span_id_of(attempt));
  CHECK(ended[0].parent_id == traced.span_id);
  CHECK(ended[0].began == at(100));
  CHECK(ended[0].error == "timeout");
}

TEST_CASE("however an attempt ends, it is recorded once") {
  using enum store_op::end_of_lease;
  traced_store store;
  const auto id = store.enqueue(traced);
  auto attempt = store.claim(1);
  static_cast<void>(store.recorded());
  const auto next = [&](int ms) {
    attempt = store.claim(ms);
    static_cast<void>(store.recorded());
  };
  store.change(requeue(attempt, crashed, {error_class::worker_lost, ""}), 2);
  CHECK(store.outcome() == "crashed");
  next(3);
  store.change(requeue(attempt, refunded), 4);
  CHECK(store.outcome() == "refunded");
  next(5);
  store.change(store_op::reclaim{"here"}, 6);
  CHECK(store.outcome() == "interrupted");
  next(7);
  SECTION("well") {
    store.change(store_op::complete{attempt, {}}, 8);
    CHECK(store.outcome() == "completed");
  }
  SECTION("by a cancel") {
    store.change(store_op::cancel{id}, 8);
    CHECK(store.outcome() == "cancelled");
  }
  SECTION("by a cancel after it had ended already") {
    store.change(requeue(attempt, failed), 8);
    CHECK(store.outcome() == "failed");
    store.change(store_op::cancel{id}, 9);
    CHECK(store.recorded().empty());
  }
  // A report of before is refused, and no news.
  CHECK(store.change(store_op::complete{{id, fencing_token{1}}, {}}, 10).error);
  CHECK(store.recorded().empty());
}

TEST_CASE("jobs that are in no trace, or in one that is not recorded, leave no spans") {
  traced_store store;
  auto unrecorded = traced;
  unrecorded.is_sampled = false;
  store.enqueue({});
  store.enqueue(unrecorded);
  for (const int ms : {1, 2}) {
    store.change(store_op::complete{store.claim(ms), {}}, ms + 1);
  }
  CHECK(store.recorded().empty());
}
