// SPDX-License-Identifier: MIT

#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <memory>
#include <string>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

TEST_CASE("a job's events begin with the job, and go on where a follower was", "[api_events]") {
  service running;
  const auto picture = running.stored_picture();
  const auto id =
      text_at(json_of(running.post_json("/worker/jobs", conversion(picture, picture))), "id");
  const std::string path = "/worker/jobs/" + id + "/events";
  adapters::feed_event event;
  event.job = *parse_job_id(id);
  event.status = job_status::processing;
  event.attempt = fencing_token{1};
  event.progress = {job_stage::converting, 40};

  auto follower = running.follow(path);
  CHECK(follower.answer().headers.at("cache-control") == "no-store");
  CHECK(follower.next()->name == "snapshot");
  running.events().publish({event});
  CHECK(follower.next()->name == "progress");
  event.status = job_status::completed;
  running.events().publish({event});
  const auto last = follower.next();
  REQUIRE(last);
  CHECK(last->name == "status");
  CHECK_FALSE(follower.next());
  CHECK(follower.has_ended());

  SECTION("missing nothing") {
    auto again = running.follow(path, to_string(adapters::feed_place{}));
    CHECK(again.next()->name == "snapshot");
    const auto before = last->id.substr(0, last->id.find('-')) + "-1-0";
    auto rest = running.follow(path, before);
    CHECK(rest.next()->data == last->data);
    CHECK_FALSE(rest.next());
  }
  SECTION("with nothing more, where the job has ended and its end was seen") {
    running.ask("DELETE", "/worker/jobs/" + id);
    CHECK(running.follow(path, last->id).answer().status == 204);
  }
}

TEST_CASE(
    "the events of a job that is not there, or cannot be read, are an error", "[api_events]"
) {
  service running;
  problem_of(
      running.ask("GET", "/worker/jobs/01936d4e-0000-7000-8000-000000000001/events"), 404,
      "not_found"
  );
  problem_of(running.ask("GET", "/worker/events?type=nonsense"), 400, "invalid_input");
  service starting{false};
  problem_of(
      starting.ask("GET", "/worker/jobs/01936d4e-0000-7000-8000-000000000001/events"), 503,
      "unavailable"
  );
}

TEST_CASE("only so many event streams are open at a time", "[api_events]") {
  service running;
  std::unique_ptr<test::event_follower> first{
      new test::event_follower(running.follow("/worker/events"))};
  const auto second = running.follow("/worker/events");
  CHECK(second.answer().status == 200);
  const auto refused = running.follow("/worker/events");
  CHECK(refused.answer().status == 503);
  CHECK(refused.answer().headers.at("retry-after") == "5");
  first.reset();
  const auto patience = std::chrono::steady_clock::now() + 10s;
  while (running.follow("/worker/events").answer().status != 200
         && std::chrono::steady_clock::now() < patience) {
  }
  CHECK(std::chrono::steady_clock::now() < patience);
}

TEST_CASE("a stream that begins behind what is kept begins with a gap", "[api_events]") {
  service running;
  auto follower = running.follow("/worker/events?userId=u1", "1-1-0");
  adapters::feed_event event;
  event.user_id = "u1";
  running.events().publish({event});
  CHECK(follower.next()->name == "gap");
  CHECK(follower.next()->name == "status");
}
