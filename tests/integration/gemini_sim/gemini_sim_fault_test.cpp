// SPDX-License-Identifier: MIT
// The simulator fails exactly as told: by header, by marker in the prompt, by order, by chance and
// by quota.
#include "tests/support/catch.hpp"
#include "tests/support/programs/gemini_sim_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <set>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

http_answer ask_with(
    const sim_client& sim, const std::string& kind, std::chrono::milliseconds timeout = 20s
) {
  return sim.generate(
      try_on_body("wear it"), {"x-goog-api-key: key", "x-sim-fault: " + kind},
      "gemini-nano-banana-2.1:generateContent", timeout
  );
}

const adapters::json_value& detail(const adapters::json_value& answer, std::string_view type) {
  for (const auto index : {"0", "1", "2"}) {
    const auto& found = at(answer, {"error", "details", index});
    if (text_at(found, {"@type"}).ends_with(type)) {
      return found;
    }
  }
  return at(answer, {"no such detail"});
}

std::string quota_id(const adapters::json_value& answer) {
  return text_at(detail(answer, "QuotaFailure"), {"violations", "0", "quotaId"});
}

}  // namespace

TEST_CASE("every kind of error has its status and code") {
  const sim_client sim;
  struct row {
    std::string kind;
    long status;
    std::string code;
  };
  const std::vector<row> rows{
      {"400", 400, "INVALID_ARGUMENT"},
      {"400-region", 400, "FAILED_PRECONDITION"},
      {"401", 401, "UNAUTHENTICATED"},
      {"402", 402, "RESOURCE_EXHAUSTED"},
      {"403", 403, "PERMISSION_DENIED"},
      {"404", 404, "NOT_FOUND"},
      {"408", 408, "DEADLINE_EXCEEDED"},
      {"413", 413, "INVALID_ARGUMENT"},
      {"429", 429, "RESOURCE_EXHAUSTED"},
      {"429-bare", 429, "RESOURCE_EXHAUSTED"},
      {"quota", 429, "RESOURCE_EXHAUSTED"},
      {"quota-zero", 429, "RESOURCE_EXHAUSTED"},
      {"500", 500, "INTERNAL"},
      {"503", 503, "UNAVAILABLE"},
      {"504", 504, "DEADLINE_EXCEEDED"},
  };
  for (const auto& each : rows) {
    INFO(each.kind);
    const auto answer = ask_with(sim, each.kind);
    CHECK(answer.status == each.status);
    CHECK(text_at(answer.json(), {"error", "status"}) == each.code);
  }
}

TEST_CASE("the kinds of 429 differ in their details") {
  const sim_client sim;
  const auto minute = ask_with(sim, "429 retry=1500ms").json();
  CHECK(text_at(detail(minute, "RetryInfo"), {"retryDelay"}) == "1.500s");
  CHECK(holds(quota_id(minute), "PerMinute"));
  const auto day = ask_with(sim, "quota").json();
  CHECK(text_at(detail(day, "RetryInfo"), {"retryDelay"}) == "18s");
  CHECK(holds(quota_id(day), "PerDay"));
  const auto zero = ask_with(sim, "quota-zero").json();
  CHECK(text_at(detail(zero, "QuotaFailure"), {"violations", "0", "quotaValue"}) == "0");
  CHECK(at(ask_with(sim, "429-bare").json(), {"error", "details"}).is_null());
}

TEST_CASE("an answer without a picture says why, as the API does") {
  const sim_client sim;
  struct row {
    std::string kind;
    std::string reason;
  };
  const std::vector<row> rows{
      {"safety", "IMAGE_SAFETY"},      {"recitation", "IMAGE_RECITATION"},
      {"no-image-reason", "NO_IMAGE"}, {"max-tokens", "MAX_TOKENS"},
      {"finish=LANGUAGE", "LANGUAGE"}, {"malformed-response", "MALFORMED_RESPONSE"},
  };
  for (const auto& each : rows) {
    INFO(each.kind);
    const auto json = ask_with(sim, each.kind).json();
    CHECK(text_at(json, {"candidates", "0", "finishReason"}) == each.reason);
    CHECK(at(json, {"candidates", "0", "content", "parts"}).is_null());
  }
  const auto safety = ask_with(sim, "safety").json();
  CHECK_FALSE(text_at(safety, {"candidates", "0", "finishMessage"}).empty());
  const auto blocked = ask_with(sim, "prompt-block=SAFETY").json();
  CHECK(text_at(blocked, {"promptFeedback", "blockReason"}) == "SAFETY");
  CHECK(at(blocked, {"candidates"}).is_null());
  CHECK(at(ask_with(sim, "empty-candidates").json(), {"candidates"}).is_null());
  const auto words = ask_with(sim, "no-image").json();
  CHECK(text_at(words, {"candidates", "0", "finishReason"}) == "STOP");
  CHECK_FALSE(text_at(words, {"candidates", "0", "content", "parts", "0", "text"}).empty());
}

TEST_CASE("thoughts and broken pictures come as parts") {
  const sim_client sim;
  const auto& thoughts = ask_with(sim, "thought-only").json();
  for (const auto index : {"0", "1"}) {
    const auto& part = at(thoughts, {"candidates", "0", "content", "parts", index});
    CHECK(at(part, {"thought"}).as<bool>() != nullptr);
  }
  const auto drafted = ask_with(sim, "thought-then-image").json();
  const auto& last = at(drafted, {"candidates", "0", "content", "parts", "2"});
  CHECK(at(last, {"thought"}).is_null());
  CHECK(look_at(text_at(last, {"inlineData", "data"})).middle[0] > 180);
  const auto bad = ask_with(sim, "bad-image").json();
  CHECK(
      text_at(bad, {"candidates", "0", "content", "parts", "0", "inlineData", "data"})
      == "iVBORw0KGgp0aGlzIGlzIG5vdCBhIHBpY3R1cmU="
  );
}

TEST_CASE("pictures of no use decode all the same") {
  const sim_client sim;
  const auto body = [](std::string_view fault) {
    return R"({"contents":[{"role":"user","parts":[{"text":"[[sim:)" + std::string{fault}
           + R"(]]"},{"inlineData":{"mimeType":"image/png","data":")"
           + make_square_png(96, 128, "blue", "yellow") + R"("}}]}]})";
  };
  const auto picture = [&](std::string_view fault) {
    const auto answer = sim.generate(body(fault));
    REQUIRE(answer.status == 200);
    CHECK(text_at(answer.json(), {"candidates", "0", "finishReason"}) == "STOP");
    return look_at(
        text_at(answer.json(), {"candidates", "0", "content", "parts", "1", "inlineData", "data"})
    );
  };
  const auto flat = picture("flat-image");
  CHECK(flat.middle == flat.corner);
  CHECK(flat.height == 128);
  const auto echo = picture("echo-image");
  CHECK(echo.middle[0] > 240);
  CHECK(echo.middle[2] < 15);
  CHECK(echo.corner[0] < 15);
  CHECK(echo.corner[2] > 240);
  const auto tiny = picture("tiny-image");
  CHECK(std::max(tiny.width, tiny.height) == 48);
}

TEST_CASE("faults on the wire look like those of a network") {
  const sim_client sim;
  CHECK(ask_with(sim, "hang", 300ms).curl_code == CURLE_OPERATION_TIMEDOUT);
  const auto reset = ask_with(sim, "reset");
  CHECK(reset.status == 0);
  CHECK((reset.curl_code == CURLE_RECV_ERROR || reset.curl_code == CURLE_GOT_NOTHING));
  const auto cut = ask_with(sim, "truncate");
  CHECK(cut.status == 200);
  CHECK(cut.curl_code != CURLE_OK);
  const auto html = ask_with(sim, "502-html");
  CHECK(html.status == 502);
  CHECK(html.content_type.starts_with("text/html"));
  const auto broken = ask_with(sim, "broken-json");
  CHECK(broken.status == 200);
  CHECK(broken.curl_code == CURLE_OK);
  CHECK_FALSE(adapters::parse_json(broken.body));
  CHECK(ask_with(sim, "latency=300ms").took >= 300ms);
  const auto slow = ask_with(sim, "slow-body=300ms");
  CHECK(slow.status == 200);
  CHECK(slow.took >= 250ms);
  CHECK_FALSE(text_at(slow.json(), {"responseId"}).empty());
}

TEST_CASE("a marker in the prompt fails as often as it says, several take turns") {
  const sim_client sim;
  const auto statuses = [&](const std::string& prompt, int calls) {
    std::vector<long> seen;
    for (int i = 0; i < calls; ++i) {
      seen.push_back(sim.generate(try_on_body(prompt)).status);
    }
    return seen;
  };
  CHECK(statuses("[[sim:503]]", 3) == std::vector<long>{503, 503, 503});
  CHECK(statuses("one [[sim:503 x2]]", 3) == std::vector<long>{503, 503, 200});
  CHECK(statuses("two [[sim:503 x2]]", 1) == std::vector<long>{503});
  CHECK(statuses("[[sim:429]] then [[sim:500 x2]]", 4) == std::vector<long>{429, 500, 500, 200});
  CHECK(statuses("[[sim:nonsense]]", 1) == std::vector<long>{400});
  CHECK(statuses("[[sim:503 x]]", 1) == std::vector<long>{400});
}

TEST_CASE("ordered faults hit the next calls that they match, and can be withdrawn") {
  const sim_client sim;
  const auto status = [&](const std::string& prompt) {
    return sim.generate(try_on_body(prompt)).status;
  };
  CHECK(sim.send("POST", "/sim/faults", R"({"kind":"503","count":2})").status == 200);
  CHECK(sim.get("/v1beta/models").status == 200);
  CHECK(status("a") == 503);
  CHECK(status("a") == 503);
  CHECK(status("a") == 200);
  CHECK(
      sim.send("POST", "/sim/faults", R"({"kind":"500","count":0,"promptContains":"cat"})").status
      == 200
  );
  CHECK(status("a dog") == 200);
  CHECK(status("a cat") == 500);
  CHECK(status("a cat") == 500);
  CHECK(sim.send("DELETE", "/sim/faults").status == 200);
  CHECK(status("a cat") == 200);
  CHECK(sim.send("POST", "/sim/faults", R"({"kind":"503","allCalls":true})").status == 200);
  CHECK(sim.get("/v1beta/models").status == 503);
  for (const auto* bad :
       {"", "[]", "{}", R"({"kind":"nonsense"})", R"({"kind":"503","count":-1})",
        R"({"kind":"503","colour":"red"})"}) {
    CHECK(sim.send("POST", "/sim/faults", bad).status == 400);
  }
}

TEST_CASE("chance is the same for the same seed") {
  const auto statuses = [] {
    sim::sim_options options;
    options.faults.rate = 0.5;
    options.faults.seed = 42;
    options.faults.kinds = {*sim::parse_fault("503"), *sim::parse_fault("429")};
    const sim_client sim{options};
    std::vector<long> seen;
    for (int i = 0; i < 30; ++i) {
      seen.push_back(sim.get("/v1beta/models").status);
    }
    return seen;
  };
  const auto first = statuses();
  CHECK(first == statuses());
  CHECK(std::set<long>(first.begin(), first.end()) == std::set<long>{200, 429, 503});
}

TEST_CASE("a quota refuses what is beyond it and says for how long") {
  sim::sim_options options;
  options.requests_per_minute = 2;
  const sim_client sim{options};
  CHECK(sim.generate(try_on_body("x")).status == 200);
  CHECK(sim.generate(try_on_body("x")).status == 200);
  const auto refused = sim.generate(try_on_body("x"));
  CHECK(refused.status == 429);
  CHECK(text_at(detail(refused.json(), "QuotaFailure"), {"violations", "0", "quotaValue"}) == "2");
  CHECK_FALSE(text_at(detail(refused.json(), "RetryInfo"), {"retryDelay"}).empty());
  CHECK(sim.send("POST", "/sim/reset").status == 200);
  CHECK(sim.generate(try_on_body("x")).status == 200);
}

TEST_CASE("calls are counted and shown, never with their key") {
  const sim_client sim;
  CHECK(sim.generate(try_on_body("look at me"), {"x-goog-api-key: secret-key"}).status == 200);
  CHECK(ask_with(sim, "503").status == 503);
  const auto stats = sim.get("/sim/stats").json();
  CHECK(number_at(stats, {"requests"}) == 2);
  CHECK(number_at(stats, {"generateCalls"}) == 2);
  CHECK(number_at(stats, {"byStatus", "200"}) == 1);
  CHECK(number_at(stats, {"faults", "503"}) == 1);
  CHECK(number_at(stats, {"images"}) == 1);
  CHECK(number_at(stats, {"inFlight"}) == 0);
  CHECK(number_at(stats, {"tokens", "candidates"}) == 1120);
  const auto shown = sim.get("/sim/calls");
  CHECK_FALSE(holds(shown.body, "secret-key"));
  const auto calls = shown.json();
  CHECK(text_at(calls, {"calls", "0", "prompt"}) == "look at me");
  CHECK(text_at(calls, {"calls", "0", "keyFrom"}) == "header");
  CHECK(number_at(calls, {"calls", "0", "images", "0", "width"}) == 96);
  CHECK(text_at(calls, {"calls", "1", "fault"}) == "503");
  CHECK(sim.send("POST", "/sim/reset").status == 200);
  CHECK(number_at(sim.get("/sim/stats").json(), {"requests"}) == 0);
}

TEST_CASE("the command line is read, and refused where it makes no sense") {
  const auto read = [](std::vector<const char*> words) { return sim::parse_command_line(words); };
  const auto line = read(
      {"--port=0", "--latency", "2s..4s", "--fault-rate", "0.25", "--fault-kinds", "429,latency=3s",
       "--model", "a", "--model=b"}
  );
  REQUIRE(line);
  CHECK(line->options.port == 0);
  CHECK(line->options.faults.latency_max == 4s);
  CHECK(line->options.faults.kinds[1].duration == 3s);
  CHECK(line->options.models == std::vector<std::string>{"a", "b"});
  for (const auto& bad : std::vector<std::vector<const char*>>{
           {"--bogus", "1"},
           {"--port"},
           {"--port", "70000"},
           {"--fault-rate", "1.5"},
           {"--fault-rate", "nan"},
           {"--latency", "4s..2s"},
           {"--fault-kinds", "sneeze"},
           {"--picture-format", "gif"},
           {"--api-key", ""}}) {
    CHECK_FALSE(read(bad));
  }
}
