// SPDX-License-Identifier: MIT

// What is done to many jobs at once: seen before, and stopped on the way.

#include "adapters/checksum/checksum.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

using namespace stayler;
using namespace stayler::test;
using adapters::json_value;

namespace {

void submit(service& running, const std::string& user, int jobs) {
  const auto image = running.stored_picture();
  for (int i = 0; i < jobs; ++i) {
    const auto answer = running.post_json(
        "/worker/jobs", conversion(image, image, user, user + "-" + std::to_string(i))
    );
    REQUIRE(answer.status == 201);
  }
}

/// The body of a bulk request; `more`: members besides.
std::string bulk(const std::string& action, const std::string& filter, const std::string& more) {
  return R"({"action":")" + action + R"(","filter":)" + filter + "," + more + "}";
}

json_value dry_run(service& running, const std::string& action, const std::string& filter) {
  const auto answer =
      running.post_json("/worker/jobs/bulk", bulk(action, filter, R"("dryRun":true)"));
  REQUIRE(answer.status == 200);
  return json_of(answer);
}

std::int64_t number_at(const json_value& from, std::string_view name) {
  return *from.find(name)->as<std::int64_t>();
}

/// Asks for the operation until it has left that state.
json_value await_end(service& running, const std::string& path, const std::string& headers = "") {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  for (;;) {
    auto shown = json_of(running.ask("GET", path, "", headers));
    if (text_at(shown, "state") != "running") {
      return shown;
    }
    REQUIRE(std::chrono::steady_clock::now() < patience);
  }
}

const std::string of_dead = R"({"userId":"dead"})";

}  // namespace

TEST_CASE(
    "a bulk retry is seen before, runs as an operation, and says what it has done", "[api_bulk]"
) {
  service running;
  submit(running, "dead", 3);
  submit(running, "u1", 2);
  const auto preview = dry_run(running, "retry", of_dead);
  CHECK(number_at(preview, "count") == 3);
  CHECK(*preview.find("isComplete")->as<bool>());
  CHECK(number_at(*preview.find("byStatus"), "failed") == 3);
  CHECK(preview.find("samples")->as<json_value::array>()->size() == 3);
  CHECK(*preview.find("cost")->find("atMost")->as<double>() > 0);
  static_cast<void>(running.audited());

  const auto token = R"("token":")" + text_at(preview, "token") + "\"";
  const auto started = running.post_json("/worker/jobs/bulk", bulk("retry", of_dead, token));
  REQUIRE(started.status == 202);
  const auto path = started.headers.at("location");
  CHECK(path == "/worker/operations/" + text_at(json_of(started), "id"));
  const auto ended = await_end(running, path);
  CHECK(text_at(ended, "state") == "done");
  CHECK(number_at(ended, "total") == 3);
  CHECK(number_at(ended, "done") == 3);
  CHECK(number_at(ended, "refused") == 0);
  CHECK_FALSE(text_at(ended, "endedAt").empty());
  const auto all = json_of(running.ask("GET", "/worker/operations"));
  CHECK(all.find("operations")->as<json_value::array>()->size() == 1);
  const auto records = running.audited();
  REQUIRE(records.size() == 1);
  CHECK(records.front().target == text_at(ended, "id"));
  CHECK(records.front().details.starts_with("retry 3 jobs: {"));
}

TEST_CASE("jobs that come after the dry run are not swept in", "[api_bulk]") {
  service running;
  submit(running, "u1", 2);
  const std::string of_u1 = R"({"userId":"u1"})";
  const auto preview = dry_run(running, "cancel", of_u1);
  submit(running, "u1", 1);
  const auto token = R"("token":")" + text_at(preview, "token") + "\"";
  const auto started = running.post_json("/worker/jobs/bulk", bulk("cancel", of_u1, token));
  const auto ended = await_end(running, started.headers.at("location"));
  CHECK(number_at(ended, "done") == 2);
  CHECK(number_at(dry_run(running, "cancel", of_u1), "count") == 1);
}

TEST_CASE("a token is for one action and one filter", "[api_bulk]") {
  service running;
  submit(running, "dead", 1);
  const auto token = R"("token":")" + text_at(dry_run(running, "retry", of_dead), "token") + "\"";
  for (const auto& body :
       {bulk("drop", of_dead, token), bulk("retry", R"({"all":true})", token),
        bulk("retry", of_dead, R"("token":"guess")")}) {
    INFO(body);
    problem_of(running.post_json("/worker/jobs/bulk", body), 409, "conflict");
  }
  problem_of(
      running.post_json("/worker/jobs/bulk", bulk("retry", "{}", R"("dryRun":true)")), 400,
      "invalid_input"
  );
}

TEST_CASE("an operation is stopped after the jobs that it is at", "[api_bulk]") {
  service running;
  submit(running, "dead", 3);
  const auto more = R"("ratePerMinute":1,"token":")"
                    + text_at(dry_run(running, "retry", of_dead), "token") + "\"";
  const auto started = running.post_json("/worker/jobs/bulk", bulk("retry", of_dead, more));
  const auto path = started.headers.at("location");
  // One job a minute: it has a long way to go.
  const auto stopped = running.ask("DELETE", path);
  CHECK(stopped.status == 200);
  const auto ended = await_end(running, path);
  CHECK(text_at(ended, "state") == "stopped");
  CHECK(number_at(ended, "done") <= 1);
  problem_of(running.ask("DELETE", path), 409, "conflict");
  problem_of(running.ask("DELETE", "/worker/operations/none"), 404, "not_found");
  problem_of(running.ask("GET", "/worker/operations/none"), 404, "not_found");
}

TEST_CASE(
    "dead letters are grouped by their cause, and a group is retried by its name", "[api_bulk]"
) {
  service running;
  submit(running, "dead", 2);
  submit(running, "u1", 1);
  const auto shown = json_of(running.ask("GET", "/worker/dead-letters/groups"));
  const auto& groups = *shown.find("groups")->as<json_value::array>();
  REQUIRE(groups.size() == 1);
  CHECK(number_at(groups[0], "count") == 2);
  CHECK(text_at(groups[0], "errorClass") == "timeout");
  CHECK(text_at(groups[0], "message") == "no answer within #");
  CHECK(*shown.find("isComplete")->as<bool>());
  const auto of_group = R"({"group":")" + text_at(groups[0], "group") + "\"}";
  CHECK(number_at(dry_run(running, "retry", of_group), "count") == 2);
  CHECK(number_at(dry_run(running, "retry", R"({"group":"0000000000000000"})"), "count") == 0);
  const auto listed =
      json_of(running.ask("GET", "/worker/dead-letters?group=" + text_at(groups[0], "group")));
  CHECK(listed.find("jobs")->as<json_value::array>()->size() == 2);
  const auto other = json_of(running.ask("GET", "/worker/dead-letters?group=0000000000000000"));
  CHECK(other.find("jobs")->as<json_value::array>()->empty());
  const auto none = json_of(running.ask("GET", "/worker/dead-letters/groups?errorClass=no_image"));
  CHECK(none.find("groups")->as<json_value::array>()->empty());
  problem_of(running.ask("GET", "/worker/dead-letters/groups?since=soon"), 400, "invalid_input");
}

TEST_CASE("an operation ends with the key of its caller", "[api_bulk]") {
  const auto entry = [](std::string_view key) {
    return std::string{key} + ":admin:" + adapters::sha256_hex(std::as_bytes(std::span{key}));
  };
  const std::string as_gone = "X-API-Key: gone\r\nContent-Type: application/json\r\n";
  const std::string as_root = "X-API-Key: root\r\n";
  service running{true, entry("root") + "," + entry("gone")};
  const auto image = text_at(json_of(running.ask("POST", "/images", png, as_root)), "id");
  for (const auto* id : {"c1", "c2", "c3"}) {
    const auto job = conversion(image, image, "dead", id);
    REQUIRE(running.ask("POST", "/worker/jobs", job, as_gone).status == 201);
  }
  const auto preview = json_of(
      running.ask("POST", "/worker/jobs/bulk", bulk("retry", of_dead, R"("dryRun":true)"), as_gone)
  );
  const auto more = R"("ratePerMinute":1,"token":")" + text_at(preview, "token") + "\"";
  const auto started =
      running.ask("POST", "/worker/jobs/bulk", bulk("retry", of_dead, more), as_gone);
  REQUIRE(started.status == 202);
  running.replace_keys(entry("root"));
  const auto path = started.headers.at("location");
  CHECK(text_at(await_end(running, path, as_root), "state") == "stopped");
}

TEST_CASE("looking through thousands of jobs costs as much as twenty calls", "[api_bulk]") {
  service running{
      true, "r:admin:" + adapters::sha256_hex(std::as_bytes(std::span{std::string_view{"root"}}))};
  const std::string root = "X-API-Key: root\r\n";
  const auto left_after = [&](const std::string& method, const std::string& path,
                              const std::string& body) {
    const auto answer =
        running.ask(method, path, body, root + "Content-Type: application/json\r\n");
    CHECK(answer.status == 200);
    return std::stoi(answer.headers.at("ratelimit-remaining"));
  };
  CHECK(left_after("GET", "/worker/jobs", "") >= 990);
  CHECK(left_after("GET", "/worker/dead-letters/groups", "") <= 985);
  // A thousand a second come back.
  CHECK(left_after("POST", "/worker/jobs/bulk", bulk("retry", of_dead, R"("dryRun":true)")) <= 985);
}

TEST_CASE("jobs are found by the beginning of their id, and by age", "[api_bulk]") {
  service running;
  submit(running, "u1", 2);
  const auto listed = [&](const std::string& query) {
    const auto json = json_of(running.ask("GET", "/worker/jobs?" + query));
    return json.find("jobs")->as<json_value::array>()->size();
  };
  const auto jobs = json_of(running.ask("GET", "/worker/jobs"));
  const auto id = text_at(jobs.find("jobs")->as<json_value::array>()->front(), "id");
  CHECK(listed("q=" + id) == 1);
  CHECK(listed("q=" + id.substr(0, 4)) == 2);
  CHECK(listed("q=ffff") == 0);
  CHECK(listed("since=2020-01-01T00:00:00Z") == 2);
  CHECK(listed("before=2020-01-01T00:00:00Z") == 0);
  problem_of(running.ask("GET", "/worker/jobs?q=xyz"), 400, "invalid_input");
}
