// SPDX-License-Identifier: MIT
#include "adapters/job_store/fair_queue.hpp"

#include "tests/support/catch.hpp"

#include <array>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;

namespace {

using flow = fair_queue::flow;

constexpr timestamp start{milliseconds{1'800'000'000'000}};

flow flow_of(const std::string& user, std::uint32_t band = 5) {
  return {band, job_type::image_conversion, user};
}

/// The users of the flows that are served one after the other, each with jobs left.
std::vector<std::string> serve(fair_queue& queue, int times, timestamp now) {
  std::vector<std::string> users;
  for (int i = 0; i < times; ++i) {
    const flow* next = queue.next();
    REQUIRE(next != nullptr);
    users.push_back(next->user);
    queue.requeue_flow(flow{*next}, now);
  }
  return users;
}

using users = std::vector<std::string>;

}  // namespace

TEST_CASE("an empty queue has nobody to serve") {
  fair_queue queue;
  CHECK(queue.next() == nullptr);
  queue.remove_flow(flow_of("nobody"));
  queue.requeue_flow(flow_of("nobody"), start);
  CHECK(queue.next() == nullptr);
}

TEST_CASE("flows of one band are served in turn") {
  fair_queue queue;
  queue.add_flow(flow_of("ann"), start);
  queue.add_flow(flow_of("bob"), start);
  queue.add_flow(flow_of("cat"), start);
  CHECK(serve(queue, 5, start) == users{"ann", "bob", "cat", "ann", "bob"});
}

TEST_CASE("of two flows that began to wait together the one in the higher band is first") {
  fair_queue queue;
  queue.add_flow(flow_of("low", 1), start);
  queue.add_flow(flow_of("high", 20), start);
  CHECK(serve(queue, 3, start) == users{"high", "high", "high"});
}

TEST_CASE("a flow passes another by one band for each step that it has waited longer") {
  fair_queue queue;
  queue.add_flow(flow_of("low", 1), start);
  const timestamp later = start + 2 * ageing_step;
  queue.add_flow(flow_of("two above", 3), later - milliseconds{1});
  queue.add_flow(flow_of("one above", 2), later);
  CHECK(queue.next()->user == "two above");
  queue.remove_flow(flow_of("two above", 3));
  CHECK(queue.next()->user == "low");
}

TEST_CASE("no flow starves: at most 100 minutes later it is ahead of all that is new") {
  fair_queue queue;
  queue.add_flow(flow_of("low", lowest_priority), start);
  timestamp now = start;
  queue.add_flow(flow_of("high", highest_priority), now);
  while (now < start + 19 * ageing_step) {
    REQUIRE(queue.next()->user == "high");
    queue.requeue_flow(flow_of("high", highest_priority), now);
    now += milliseconds{1'000};
  }
  queue.requeue_flow(flow_of("high", highest_priority), now + milliseconds{1});
  CHECK(queue.next()->user == "low");
}

TEST_CASE("a prioritized job's band is ahead of all others, however long they have waited") {
  fair_queue queue;
  queue.add_flow(flow_of("old", highest_priority), start);
  const timestamp years_later = start + milliseconds{std::int64_t{8 * 365} * 24 * 3'600'000};
  queue.add_flow(flow_of("first", prioritized_band), years_later);
  CHECK(queue.next()->user == "first");
}

TEST_CASE("a flow that is there keeps its rank when it gets another job") {
  fair_queue queue;
  queue.add_flow(flow_of("ann"), start);
  queue.add_flow(flow_of("bob"), start + milliseconds{1});
  queue.add_flow(flow_of("ann"), start + milliseconds{2});
  CHECK(queue.next()->user == "ann");
}

TEST_CASE("a flow that is empty is served no more, and begins anew when it comes back") {
  fair_queue queue;
  queue.add_flow(flow_of("ann"), start);
  queue.add_flow(flow_of("bob"), start + milliseconds{1});
  queue.remove_flow(flow_of("ann"));
  CHECK(queue.next()->user == "bob");
  queue.add_flow(flow_of("ann"), start + milliseconds{2});
  CHECK(queue.next()->user == "bob");
}

TEST_CASE("flows of a paused type are passed over and keep their rank") {
  fair_queue queue;
  const flow processing{5, job_type::image_processing, "ann"};
  queue.add_flow(processing, start);
  queue.add_flow(flow_of("bob"), start + milliseconds{1});
  queue.set_paused(job_type::image_processing, true);
  CHECK(queue.paused().count(job_type::image_processing) == 1);
  CHECK(queue.next()->user == "bob");
  queue.set_paused(job_type::image_conversion, true);
  CHECK(queue.next() == nullptr);
  queue.set_paused(job_type::image_processing, false);
  CHECK(*queue.next() == processing);
}

TEST_CASE("types that a claim leaves out are passed over for that claim only") {
  fair_queue queue;
  queue.add_flow(flow_of("ann"), start);
  const std::array except{job_type::image_conversion};
  CHECK(queue.next(fair_queue::selection{except}) == nullptr);
  CHECK(queue.next()->user == "ann");
}

TEST_CASE("a queue that is cleared has no flows, and knows what is paused") {
  fair_queue queue;
  queue.add_flow(flow_of("ann"), start);
  queue.set_paused(job_type::image_processing, true);
  queue.clear();
  CHECK(queue.next() == nullptr);
  CHECK(queue.paused().size() == 1);
}

TEST_CASE("a job waits in the band of its priority, kept within bounds") {
  stored_job stored;
  for (const auto& [priority, band] :
       {std::pair{0U, lowest_priority}, std::pair{7U, 7U}, std::pair{99U, highest_priority}}) {
    stored.value.request.priority = priority;
    CHECK(priority_band_of(stored) == band);
  }
  stored.over = precedence::all_jobs;
  CHECK(waiting_band(stored) == prioritized_band);
  stored.value.status = job_status::processing;
  CHECK(waiting_band(stored) == 0);
}
