// SPDX-License-Identifier: MIT

#include "messages/base/time.hpp"
#include "messages/base/uuid.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using adapters::json_value;

TEST_CASE("each request that changes something leaves one audit record", "[api_audit]") {
  service running;
  const auto image = running.stored_picture();
  const auto submitted = [&](const std::string& user) {
    const auto created = running.post_json("/worker/jobs", conversion(image, image, user));
    return text_at(json_of(created), "id");
  };
  const auto job = submitted("u1");
  const auto dead = submitted("dead");
  const auto of_job = "/worker/jobs/" + job;
  const auto json = std::string{"Content-Type: application/json\r\n"};
  running.ask("POST", of_job + "/process");
  running.ask("DELETE", of_job);
  running.ask("POST", "/worker/jobs/" + dead + "/retry");
  running.post_json("/worker/dead-letters/retry", "{}");
  running.ask("DELETE", "/worker/dead-letters/" + dead);
  running.ask("POST", "/worker/types/image_conversion/pause");
  running.ask("POST", "/worker/types/image_conversion/resume");
  running.ask("PUT", "/worker/config", R"({"maxWorkers":2,"gemini":{"apiKey":"a-key"}})", json);
  running.ask("PUT", "/worker/config", R"({"maxWorkers":"many"})", json);
  running.ask("POST", "/worker/stop");
  running.ask("POST", "/worker/start");
  running.ask("POST", "/worker/start");
  running.ask("DELETE", "/images/" + image);
  running.post_json("/worker/chaos/fault", R"({"actor":"queue"})");

  std::vector<std::string> seen;
  for (const auto& each : running.audited()) {
    seen.push_back(each.action + " [" + each.target + "] " + std::to_string(each.status));
    CHECK(each.who == "127.0.0.1");
    CHECK(parse_uuid(each.request_id));
    CHECK(is_set(each.at));
  }
  CHECK(
      seen
      == std::vector<std::string>{
          "POST /images [" + image + "] 201",
          "POST /worker/jobs [" + job + "] 201",
          "POST /worker/jobs [" + dead + "] 201",
          "POST /worker/jobs/{id}/process [" + job + "] 202",
          "DELETE /worker/jobs/{id} [" + job + "] 409",
          "POST /worker/jobs/{id}/retry [" + dead + "] 202",
          "POST /worker/dead-letters/retry [] 200",
          "DELETE /worker/dead-letters/{id} [" + dead + "] 200",
          "POST /worker/types/{id}/pause [image_conversion] 200",
          "POST /worker/types/{id}/resume [image_conversion] 200",
          "PUT /worker/config [maxWorkers,gemini.apiKey] 200",
          "PUT /worker/config [] 400",
          "POST /worker/stop [] 200",
          "POST /worker/start [] 200",
          "POST /worker/start [] 409",
          "DELETE /images/{id} [" + image + "] 204",
          "POST /worker/chaos/fault [queue] 200",
      }
  );
}

TEST_CASE("the audit record of a changed configuration says from what to what", "[api_audit]") {
  service running;
  running.ask(
      "PUT", "/worker/config",
      R"({"maxWorkers":2,"retry":{"maxDelay":"90s"},"gemini":{"apiKey":"a-new-key"}})",
      "Content-Type: application/json\r\n"
  );
  running.ask("PUT", "/worker/config", R"({"maxWorkers":4})", "Content-Type: application/json\r\n");
  const auto records = running.audited();
  REQUIRE(records.size() == 2);
  CHECK(
      records[0].details
      == "maxWorkers: 5 -> 2, retry.maxDelay: 5m -> 90s, gemini.apiKey: (empty) -> ***"
  );
  CHECK(records[1].details == "maxWorkers: 2 -> 4");
}

TEST_CASE("the audit record of a batch names the jobs that were accepted", "[api_audit]") {
  service running;
  const auto answer = running.post_json(
      "/worker/jobs/batch", R"({"jobs":[)" + conversion("a", "b") + R"(,{"type":"nonsense"},)"
                                + conversion("c", "d") + "]}"
  );
  const auto json = json_of(answer);
  const auto& jobs = *json.find("jobs")->as<json_value::array>();
  const auto records = running.audited();
  REQUIRE(records.size() == 1);
  CHECK(records[0].target == text_at(jobs[0], "id") + "," + text_at(jobs[2], "id"));
}

TEST_CASE("requests that cannot change anything are not audited", "[api_audit]") {
  service running;
  for (const auto* path : {"/worker/jobs", "/worker/config", "/worker/status", "/health"}) {
    running.ask("GET", path);
    running.ask("HEAD", path);
  }
  running.ask("POST", "/nowhere");
  running.ask("PATCH", "/worker/config");
  CHECK(running.audited().empty());
}

TEST_CASE("an audit record has the request id that the caller gave", "[api_audit]") {
  service running;
  running.ask("POST", "/worker/stop", "", "X-Request-Id: from-the-caller\r\n");
  const auto records = running.audited();
  REQUIRE(records.size() == 1);
  CHECK(records[0].request_id == "from-the-caller");
}

TEST_CASE("the audit trail is shown as it is filtered, with what follows", "[api_audit]") {
  service running;
  running.ask("POST", "/worker/stop", "", "X-Request-Id: one\r\n");
  running.ask("POST", "/worker/start", "", "X-Request-Id: two\r\n");
  running.ask("POST", "/worker/start", "", "X-Request-Id: three\r\n");
  const auto page =
      json_of(running.ask("GET", "/worker/audit?action=/worker/start&outcome=refused&limit=9"));
  const auto& records = *page.find("records")->as<json_value::array>();
  REQUIRE(records.size() == 1);
  CHECK(text_at(records[0], "requestId") == "three");
  CHECK(text_at(records[0], "who") == "127.0.0.1");
  CHECK(text_at(records[0], "action") == "POST /worker/start");
  CHECK(text_at(records[0], "outcome") == "refused");
  CHECK(*records[0].find("status")->as<std::int64_t>() == 409);
  CHECK(parse_rfc3339(text_at(records[0], "time")));
  CHECK(text_at(page, "nextCursor") == "5");
  CHECK(text_at(page, "trail") == "stayler-worker");
  CHECK(*page.find("head")->find("sequence")->as<std::int64_t>() == 9);
}

TEST_CASE("a bad filter of the audit trail is named", "[api_audit]") {
  service running;
  const std::vector<std::pair<std::string, std::string>> bad{
      {"since", "yesterday"}, {"before", ""},   {"actor", ""},   {"outcome", "good"},
      {"limit", "0"},         {"limit", "501"}, {"cursor", "x"}, {"user", "ann"}};
  for (const auto& [name, value] : bad) {
    INFO(name << "=" << value);
    const auto answer = running.ask("GET", "/worker/audit?" + name + "=" + value);
    CHECK(fields_of(problem_of(answer, 400, "invalid_input")) == std::vector{name});
  }
}
