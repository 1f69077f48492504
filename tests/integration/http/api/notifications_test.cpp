// SPDX-License-Identifier: MIT

// What admins see of notifications, and how they have them delivered once more.

#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using adapters::json_value;

namespace {

std::vector<std::string> ids_in(const json_value& page) {
  std::vector<std::string> ids;
  for (const json_value& each : *page.find("notifications")->as<json_value::array>()) {
    ids.push_back(text_at(each, "id"));
  }
  return ids;
}

using words = std::vector<std::string>;

}  // namespace

TEST_CASE("open and given-up notifications are listed with what is wrong", "[api_notifications]") {
  service running;
  const auto page = json_of(running.ask("GET", "/worker/notifications"));
  CHECK(ids_in(page) == words{"e2", "e1"});
  CHECK(page.find("nextCursor")->is_null());
  const auto answer = running.ask("GET", "/worker/notifications?state=given_up");
  CHECK(answer.body.find("secret") == std::string::npos);
  const auto lost = json_of(answer).find("notifications")->as<json_value::array>()->front();
  CHECK(text_at(lost, "state") == "given_up");
  CHECK(text_at(lost, "event") == "conversion.failed");
  CHECK(text_at(lost, "userId") == "u1");
  CHECK(text_at(lost, "receiver") == "https://hooks.example.com");
  CHECK(*lost.find("attempts")->as<std::int64_t>() == 4);
  CHECK(text_at(*lost.find("lastError"), "problem") == "gone");
  CHECK(text_at(*lost.find("lastError"), "message") == "it is gone");
  CHECK(text_at(lost, "endedAt") == "2027-01-15T08:00:09.000Z");
  CHECK(lost.find("nextAttemptAt") == nullptr);
}

TEST_CASE("notifications are filtered and paged", "[api_notifications]") {
  service running;
  const auto listed = [&](const std::string& query) {
    return ids_in(json_of(running.ask("GET", "/worker/notifications" + query)));
  };
  CHECK(listed("?state=open,delivered") == words{"e3", "e2"});
  CHECK(listed("?job=00000000-0000-0000-0000-000000000001") == words{"e1"});
  CHECK(listed("?event=conversion.completed").empty());
  CHECK(listed("?event=processing.failed").empty());
  const auto first = json_of(running.ask("GET", "/worker/notifications?limit=1"));
  CHECK(ids_in(first) == words{"e2"});
  CHECK(listed("?limit=1&cursor=" + text_at(first, "nextCursor")) == words{"e1"});
  for (const auto& [query, field] :
       {std::pair{"state=lost", "state"}, std::pair{"job=7", "job"}, std::pair{"limit=0", "limit"},
        std::pair{"limit=501", "limit"}, std::pair{"cursor=here", "cursor"},
        std::pair{"event=conversion", "event"}, std::pair{"event=", "event"}}) {
    INFO(query);
    const auto refused = running.ask("GET", std::string{"/worker/notifications?"} + query);
    CHECK(fields_of(problem_of(refused, 400, "invalid_input")) == words{field});
  }
}

TEST_CASE(
    "a notification is delivered once more, and the order is audited", "[api_notifications]"
) {
  service running;
  const auto taken = running.ask("POST", "/worker/notifications/e1/redeliver");
  CHECK(taken.status == 202);
  CHECK(text_at(json_of(taken), "state") == "open");
  CHECK(*json_of(taken).find("attempts")->as<std::int64_t>() == 0);
  CHECK(json_of(taken).find("nextAttemptAt") != nullptr);
  problem_of(running.ask("POST", "/worker/notifications/e2/redeliver"), 409, "conflict");
  problem_of(running.ask("POST", "/worker/notifications/e9/redeliver"), 404, "not_found");
  const auto audited = running.audited();
  REQUIRE(audited.size() == 3);
  CHECK(audited[0].target == "e1");
  CHECK(audited[0].status == 202);
}

TEST_CASE("all that was given up is delivered once more", "[api_notifications]") {
  service running;
  const auto order = [&](std::string_view body) {
    return *json_of(running.post_json("/worker/notifications/redeliver", body))
                .find("redelivered")
                ->as<std::int64_t>();
  };
  CHECK(order(R"({"event":"conversion.completed"})") == 0);
  CHECK(order("") == 1);
  CHECK(order("{}") == 0);
  CHECK(running.audited().at(1).details == "1 redelivered");
  for (const auto* body : {R"({"job":"x"})", R"({"event":""})", R"({"state":"open"})", "["}) {
    INFO(body);
    problem_of(running.post_json("/worker/notifications/redeliver", body), 400, "invalid_input");
  }
}

TEST_CASE("a job with a web hook of its own shows its host alone", "[api_notifications]") {
  service running;
  const auto image = running.stored_picture();
  std::string body = conversion(image, image);
  body.insert(1, R"("webhookUrl":"https://hooks.example.com/secret",)");
  const auto created = running.post_json("/worker/jobs", body);
  CHECK(created.status == 201);
  CHECK(text_at(json_of(created), "webhookReceiver") == "https://hooks.example.com");
  CHECK(created.body.find("secret") == std::string::npos);
}
