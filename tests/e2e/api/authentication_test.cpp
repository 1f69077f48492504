// SPDX-License-Identifier: MIT
// The real program with keys, on addresses that are not 127.0.0.1.
#include "tests/e2e/support/service_stack.hpp"

#include <fstream>

using namespace stayler::test;

namespace {

// Hashes of keys of 32 hex digits, as `printf %s KEY | sha256sum` prints them.
constexpr auto view_key = "2f6c1f0d5b5e4c3a9d8e7f6a5b4c3d2e";
constexpr auto submit_key = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
constexpr auto admin_key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const std::string keys =
    "look:viewer:cb63bd062fa652e3e0c4511e89412e562dc80139fded52b1d6bde2495f96e895\n"
    "front:submitter:ff25d2389ab7917a77cc0c3546331401054d53cb7b2edeedb7b4e7742bb5286d:ann\n"
    "ops:admin:a1bf4dc2c0cea821798c38e16fcc1667d6f0504afa821b181672035fc5967890\n";

std::vector<std::string> showing(const std::string& key) {
  return {"Content-Type: application/json", "Authorization: Bearer " + key};
}

std::string upload_with(const service_stack& stack, const std::string& file) {
  const auto answer = stack.call(
      "POST", "/images", read_file(std::filesystem::path{STAYLER_ASSETS} / file),
      {"Content-Type: application/octet-stream", "X-API-Key: " + std::string{submit_key}}
  );
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  return text_at(answer.json(), {"id"});
}

}  // namespace

TEST_CASE("with keys the service listens anywhere, and lets each key do what it is for") {
  const temporary_folder kept;
  const auto key_file = kept.path() / "keys";
  std::ofstream{key_file} << keys;
  const auto audit_file = kept.path() / "audit.jsonl";
  const std::string address = GENERATE("127.0.0.2", "0.0.0.0");
  service_stack stack{
      {{"WORKER_HTTP_ADDRESS", address},
       {"WORKER_API_KEYS_FILE", key_file.string()},
       {"WORKER_AUDIT_FILE", audit_file.string()},
       {"WORKER_LOG_LEVEL", "trace"}}};
  CHECK(holds(stack.worker().url(), "http://" + address + ":"));

  CHECK(stack.get("/worker/status").status == 401);
  CHECK(header_of(stack.get("/worker/status"), "WWW-Authenticate") != "");
  CHECK(stack.call("GET", "/worker/status", "", showing(view_key)).status == 200);
  CHECK(stack.call("POST", "/worker/stop", "", showing(submit_key)).status == 403);
  CHECK(exchange("GET", stack.worker().probe_url() + "/metrics").status == 200);

  const std::string body = R"({"type":"image_conversion","conversionId":"c-1","userId":"ann",)"
                           R"("payload":{"userImageId":")"
                           + upload_with(stack, "person.jpg") + R"(","clothImageId":")"
                           + upload_with(stack, "garment.png") + R"("}})";
  CHECK(stack.call("POST", "/worker/jobs", body, showing(view_key)).status == 403);
  const auto created = stack.call("POST", "/worker/jobs", body, showing(submit_key));
  INFO(created.body);
  REQUIRE(created.status == 201);
  const std::string job = "/worker/jobs/" + text_at(created.json(), {"id"});
  const auto shown = [&] { return stack.call("GET", job, "", showing(submit_key)); };
  wait_until("the job is done", [&] { return text_at(shown().json(), {"status"}) == "completed"; });
  const auto picture = "/images/" + text_at(shown().json(), {"result", "imageId"});
  CHECK(stack.call("GET", picture, "", showing(submit_key)).status == 200);
  CHECK(stack.get(picture).status == 401);
  const auto config = stack.call("GET", "/worker/config", "", showing(admin_key));
  CHECK(text_at(config.json(), {"apiKeys"}) == "***");

  CHECK(stack.worker().stop() == 0);
  const std::string audit = read_file(audit_file);
  CHECK(holds(audit, R"("key":"front","action":"POST /worker/jobs")"));
  for (const std::string key : {view_key, submit_key, admin_key}) {
    CHECK_FALSE(holds(audit + stack.worker().output(), key));
  }
}

TEST_CASE("without keys no address but loopback is taken, and the start says so") {
  service_stack stack;
  CHECK(holds(stack.worker().output(), "no API keys"));

  auto elsewhere = worker_environment(stack.folder() / "other", "http://127.0.0.1:9");
  elsewhere["WORKER_HTTP_ADDRESS"] = "0.0.0.0";
  const auto refused = run_program(STAYLER_WORKER, {}, elsewhere);
  CHECK(refused.exit_code == 2);
  CHECK(holds(refused.output, "WORKER_HTTP_ADDRESS"));
  CHECK(holds(refused.output, "WORKER_API_KEYS"));
}

TEST_CASE("who calls too often is told when to come again, and the probes answer on") {
  service_stack stack{
      {{"WORKER_API_KEYS", keys}, {"WORKER_RATE_LIMIT", "0.001"}, {"WORKER_RATE_BURST", "3"}}};
  const auto look = [&] { return stack.call("GET", "/worker/status", "", showing(view_key)); };
  for (int i = 0; i < 3; ++i) {
    CHECK(look().status == 200);
  }
  const auto refused = look();
  CHECK(refused.status == 429);
  CHECK(std::stoi(header_of(refused, "Retry-After")) > 100);
  CHECK(stack.call("GET", "/worker/status", "", showing(admin_key)).status == 200);
  CHECK(stack.get("/health/ready").status == 200);
}
