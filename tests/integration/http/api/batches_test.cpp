// SPDX-License-Identifier: MIT

#include "messages/base/uuid.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace stayler;
using namespace stayler::test;
using adapters::json_value;

TEST_CASE("a batch is answered job by job, in order", "[api_batches]") {
  service running;
  const auto answer = running.post_json(
      "/worker/jobs/batch", R"({"jobs":[)" + conversion("a", "b") + R"(,{"type":"nonsense"},17,)"
                                + conversion("a", "b", "full") + "]}"
  );
  CHECK(answer.status == 200);
  const auto json = json_of(answer);
  CHECK(parse_uuid(text_at(json, "batchId")));
  const auto& jobs = *json.find("jobs")->as<json_value::array>();
  REQUIRE(jobs.size() == 4);
  CHECK(text_at(jobs[0], "conversionId") == "c1");
  CHECK(text_at(*jobs[1].find("error"), "class") == "invalid_input");
  CHECK(text_at(*jobs[1].find("error"), "message").find("type must be") != std::string::npos);
  CHECK(text_at(*jobs[2].find("error"), "class") == "invalid_input");
  CHECK(text_at(*jobs[3].find("error"), "class") == "rate_limited");
}

TEST_CASE(
    "a repeated batch gets its first jobs, and an error where a job was changed", "[api_batches]"
) {
  service running;
  const auto submit = [&](const std::string& second, const std::string& key) {
    const auto body = R"({"jobs":[)" + conversion("a", "b") + "," + second + "]}";
    const auto answer =
        running.ask("POST", "/worker/jobs/batch", body, "Idempotency-Key: " + key + "\r\n");
    REQUIRE(answer.status == 200);
    return *json_of(answer).find("jobs")->as<json_value::array>();
  };
  const auto first = submit(conversion("a", "b", "u1", "c2"), "k");
  const auto again = submit(conversion("a", "b", "u1", "c2"), "k");
  REQUIRE(again.size() == 2);
  CHECK(text_at(again[0], "id") == text_at(first[0], "id"));
  CHECK(text_at(again[1], "id") == text_at(first[1], "id"));
  CHECK(text_at(first[0], "id") != text_at(first[1], "id"));

  const auto changed = submit(conversion("a", "c", "u1", "c2"), "k");
  CHECK(text_at(changed[0], "id") == text_at(first[0], "id"));
  CHECK(text_at(*changed[1].find("error"), "class") == "key_reused");
  CHECK(text_at(submit(conversion("a", "b"), "other")[0], "id") != text_at(first[0], "id"));

  const auto bad =
      running.ask("POST", "/worker/jobs/batch", R"({"jobs":[17]})", "Idempotency-Key: \"k\r\n");
  CHECK(
      fields_of(problem_of(bad, 400, "invalid_input"))
      == std::vector<std::string>{"Idempotency-Key"}
  );
}

TEST_CASE("a malformed batch is refused as a whole", "[api_batches]") {
  service running;
  const auto repeated = [](int count) {
    std::string list = "17";
    for (int i = 1; i < count; ++i) {
      list += ",17";
    }
    return R"({"jobs":[)" + list + "]}";
  };
  CHECK(running.post_json("/worker/jobs/batch", repeated(1'000)).status == 200);
  const std::string other_member = R"({"jobs":[17],"more":1})";
  for (const std::string& body :
       {repeated(1'001), other_member, std::string{"{}"}, std::string{R"({"jobs":[]})"}}) {
    INFO(body.substr(0, 40));
    problem_of(running.post_json("/worker/jobs/batch", body), 400, "invalid_input");
  }
}

TEST_CASE("a batch may be larger than a job, and each has its bound", "[api_batches]") {
  service running;
  const auto padded = [](std::size_t bytes) {
    return R"({"jobs":[17]})" + std::string(bytes, ' ');
  };
  CHECK(running.post_json("/worker/jobs/batch", padded(1'000'000)).status == 200);
  CHECK(running.post_json("/worker/jobs/batch", padded(9'000'000)).status == 413);
  const auto job = conversion("a", "b") + std::string(70'000, ' ');
  problem_of(running.post_json("/worker/jobs", job), 413, "invalid_input");
}
