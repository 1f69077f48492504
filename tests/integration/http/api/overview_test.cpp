// SPDX-License-Identifier: MIT

#include "adapters/checksum/checksum.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <span>
#include <string>

using namespace stayler;
using namespace stayler::test;
using adapters::json_value;

namespace {

std::string key_entry(std::string_view name, std::string_view more) {
  return std::string{name} + ":viewer:" + adapters::sha256_hex(std::as_bytes(std::span{name}))
         + std::string{more};
}

std::size_t length_at(const json_value& from, std::string_view name) {
  return from.find(name)->as<json_value::array>()->size();
}

}  // namespace

TEST_CASE("the overview shows how the service stands", "[api_overview]") {
  service running;
  const auto shown = running.await_overview();
  CHECK(text_at(shown, "scope") == "all");
  CHECK(text_at(shown, "instance") == "here");
  const auto& queue = *shown.find("queue");
  CHECK(text_at(queue, "state") == "running");
  CHECK(*queue.find("jobs")->find("completed")->as<std::int64_t>() == 3);
  CHECK(*queue.find("jobs")->find("total")->as<std::int64_t>() == 4);
  const auto& workers = *shown.find("workers");
  CHECK(*workers.find("busy")->as<std::int64_t>() == 1);
  CHECK(length_at(workers, "nodes") == 1);
  CHECK(*shown.find("stages")->find("total")->find("p99")->as<std::int64_t>() == 2'000);
  // The fakes have no provider: what does not answer is not guessed.
  CHECK(shown.find("provider")->is_null());
  CHECK(shown.find("costs")->is_null());
  CHECK(*shown.find("step")->as<std::int64_t>() == 1);
}

TEST_CASE(
    "each second is told once to whoever follows, and is in the series after that", "[api_overview]"
) {
  service running;
  auto follower = running.follow("/worker/events?overview=true");
  std::int64_t last = 0;
  for (int i = 0; i < 3; ++i) {
    const auto event = follower.next();
    REQUIRE(event);
    CHECK(event->name == "overview");
    CHECK(event->id.empty());
    const auto tick = adapters::parse_json(event->data).value();
    CHECK(tick.find("series") == nullptr);
    const auto time = *tick.find("point")->find("time")->as<std::int64_t>();
    CHECK(time > last);
    last = time;
  }
  const auto shown = running.await_overview();
  const auto& series = *shown.find("series");
  CHECK(length_at(series, "time") >= 3);
  for (const auto* name :
       {"submitted", "completed", "failed", "cancelled", "pending", "processing", "queueAge",
        "busyWorkers", "callsInFlight", "cost"}) {
    INFO(name);
    CHECK(length_at(series, name) == length_at(series, "time"));
  }
  CHECK(length_at(*series.find("latency")->find("total"), "p90") == length_at(series, "time"));
}

TEST_CASE("a follower who did not ask for the overview gets none", "[api_overview]") {
  service running;
  auto with = running.follow("/worker/events?overview=true");
  auto without = running.follow("/worker/events");
  REQUIRE(with.next());
  REQUIRE(with.next());
  adapters::feed_event event;
  event.job = job_id{make_uuid_v7(std::chrono::system_clock::now())};
  running.events().publish({event});
  const auto first = without.next();
  REQUIRE(first);
  CHECK(first->name == "status");
}

TEST_CASE("a window that cannot be had is refused by name", "[api_overview]") {
  service running;
  for (const auto* window : {"9s", "25h", "week", ""}) {
    INFO(window);
    const auto answer = running.ask("GET", std::string{"/worker/overview?window="} + window);
    CHECK(
        fields_of(problem_of(answer, 400, "invalid_input")) == std::vector<std::string>{"window"}
    );
  }
  running.await_overview();
  const auto day = json_of(running.ask("GET", "/worker/overview?window=24h"));
  CHECK(*day.find("step")->as<std::int64_t>() == 60);
}

TEST_CASE("a key for some users is told whether jobs run, and no sums", "[api_overview]") {
  service running{true, key_entry("all", "") + "," + key_entry("some", ":u1")};
  CHECK(text_at(running.await_overview("X-API-Key: all\r\n"), "scope") == "all");
  const auto shown = running.await_overview("X-API-Key: some\r\n");
  CHECK(text_at(shown, "scope") == "users");
  CHECK(text_at(*shown.find("queue"), "state") == "running");
  CHECK(shown.find("queue")->find("jobs") == nullptr);
  for (const auto* hidden : {"workers", "costs", "stages", "series"}) {
    INFO(hidden);
    CHECK(shown.find(hidden) == nullptr);
  }
}

TEST_CASE(
    "a job that waits says why as soon as it is known how the service stands", "[api_overview]"
) {
  service running;
  const auto image = running.stored_picture();
  const auto created = running.post_json("/worker/jobs", conversion(image, image));
  running.await_overview();
  const auto job = json_of(running.ask("GET", created.headers.at("location")));
  CHECK(text_at(*job.find("waiting"), "reason") == "behind");
  const auto listed = json_of(running.ask("GET", "/worker/jobs"));
  const auto& first = listed.find("jobs")->as<json_value::array>()->front();
  CHECK(text_at(*first.find("waiting"), "reason") == "behind");
  auto follower = running.follow(created.headers.at("location") + "/events");
  const auto snapshot = adapters::parse_json(follower.next()->data).value();
  CHECK(text_at(*snapshot.find("waiting"), "reason") == "behind");
}
