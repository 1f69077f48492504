// SPDX-License-Identifier: MIT
// What the service writes about itself: lines that programs can read, the trail of who changed
// what, and no secret.
#include "messages/base/time.hpp"
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/tcp_server.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr auto api_key = "test-key-3f9a";
constexpr auto later_key = "later-key-77b1";
constexpr auto hook_secret = "whsec_aG9vayBzZWNyZXQgd29yZCBmb3IgdGVzdHMh";
constexpr auto redis_password = "p4ssw0rd";

/// Refuses every request with all that it has heard: the worst that a provider can do to a key.
void refuse_loudly(tcp_connection& peer) {
  const std::string heard = peer.read_request();
  std::string key = heard.substr(std::min(heard.find(": " + std::string{api_key}), heard.size()));
  key = key.substr(0, key.find('\r'));
  const std::string body =
      R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"not with)" + key + R"("}})";
  peer.write(
      "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: "
      + std::to_string(body.size()) + "\r\n\r\n" + body
  );
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::istringstream text{read_file(file)};
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    lines.push_back(line);
  }
  return lines;
}

void put_config(const service_stack& stack, const std::string& body) {
  const auto answer = stack.call("PUT", "/worker/config", body);
  INFO(answer.body);
  REQUIRE(answer.status == 200);
}

/// Something of everything: uploads, jobs that complete and fail, changes of the key, restarts.
void use_all(service_stack& stack, const std::string& loud_url) {
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  CHECK(stack.call("POST", "/images", "\x89PNG\r\n\x1a\nno picture").status >= 400);
  CHECK(stack.call("POST", "/worker/chaos/fault", R"({"actor":"gemini_client"})").status == 200);
  wait_until("the service is whole", [&] { return stack.get("/health/ready").status == 200; });
  put_config(
      stack,
      R"({"gemini":{"apiKey":")" + std::string{api_key} + R"(","baseUrl":")" + loud_url + R"("}})"
  );
  const auto refused = stack.final_job(stack.submit());
  CHECK(text_at(refused, {"status"}) == "failed");
  CHECK(text_at(refused, {"error", "class"}) == "permission");
  put_config(stack, R"({"gemini":{"apiKey":")" + std::string{later_key} + R"("}})");
  const std::string bad = R"({"gemini":{"apiKey":"bad )" + std::string{later_key} + R"("}})";
  CHECK(stack.call("PUT", "/worker/config", bad).status == 400);
}

}  // namespace

TEST_CASE("no secret and no image bytes are in the log or the audit file, at any level") {
  const std::string format = GENERATE("text", "json");
  const tcp_server loud{refuse_loudly};
  const temporary_folder kept;
  const auto audit_file = kept.path() / "audit.jsonl";
  service_stack stack{
      {{"GEMINI_API_KEY", api_key},
       {"WORKER_WEBHOOK_SECRET", hook_secret},
       {"WORKER_WEBHOOK_URL", loud.url("/hook")},
       {"REDIS_URL", "redis://ann:" + std::string{redis_password} + "@127.0.0.1:1/0"},
       {"WORKER_LOG_LEVEL", "trace"},
       {"WORKER_LOG_FORMAT", format},
       {"WORKER_AUDIT_FILE", audit_file.string()}}};
  use_all(stack, loud.url(""));
  CHECK(stack.worker().stop() == 0);

  const std::string log = read_file(stack.folder() / "worker.log");
  const std::string written = log + stack.worker().output() + read_file(audit_file);
  const std::string person = read_file(std::filesystem::path{STAYLER_ASSETS} / "person.jpg");
  for (const std::string& hidden : std::vector<std::string>{
           api_key, later_key, redis_password, "aG9vayBzZWNyZXQ", person.substr(1'000, 16),
           person.substr(0, 4), "\x89PNG", "/9j/", "iVBORw0KGgo"}) {
    INFO(hidden);
    CHECK_FALSE(holds(written, hidden));
  }
  // What the provider said is there, but for the key.
  CHECK(holds(log, "not with: ***"));

  for (const std::string& line : lines_of(stack.folder() / "worker.log")) {
    INFO(line);
    if (format == "json") {
      const auto parsed = adapters::parse_json(line);
      REQUIRE(parsed);
      for (const auto* name : {"time", "level", "subsystem", "message"}) {
        CHECK_FALSE(text_at(*parsed, {name}).empty());
      }
    } else {
      CHECK(parse_rfc3339(line.substr(0, line.find(' '))));
    }
  }
}

TEST_CASE("no user's id, wish or prompt is in the log, at any level, or among the labels") {
  const tcp_server loud{refuse_loudly};
  service_stack stack{
      {{"WORKER_WEBHOOK_URL", loud.url("/hook")},
       {"WORKER_LOG_LEVEL", "trace"},
       {"WORKER_LOG_FORMAT", "json"}}};
  const std::string user = "erika.mustermann@example.com";
  const auto live = [&](const std::string& wish, const std::string& prompt) {
    static_cast<void>(stack.final_job(stack.submit({wish, user, prompt, ""})));
  };
  live("wish-of-erika", "on a balcony in Trieste");
  live("wish-of-erika-2", "[[sim:safety x1]] in Trieste");
  live("wish-of-erika-3", "[[sim:503 x1]] in Trieste");
  const auto waiting =
      stack.submit({"wish-of-erika-4", user, "in Trieste", R"(,"runAt":"2026-12-31T00:00:00Z")"});
  CHECK(stack.call("DELETE", "/worker/jobs/" + waiting).status == 200);
  CHECK(stack.get("/worker/jobs?userId=erika.mustermann%40example.com").status == 200);
  CHECK(stack.call("POST", "/worker/jobs", R"({"userId":")" + user + R"("})").status == 400);
  CHECK(stack.get("/users/erika.mustermann%40example.com/data").status == 200);
  CHECK(stack.call("DELETE", "/users/erika.mustermann%40example.com/data").status == 202);
  const std::string metrics = stack.get("/metrics").body;
  CHECK(stack.worker().stop() == 0);
  const std::string written = read_file(stack.folder() / "worker.log") + stack.worker().output()
                              + read_file(stack.folder() / "data" / "audit.jsonl") + metrics;
  REQUIRE(holds(written, "a job failed"));
  for (const auto* hidden : {"erika", "mustermann", "wish-of", "Trieste"}) {
    INFO(hidden);
    CHECK_FALSE(holds(written, hidden));
  }
}

TEST_CASE("users stand in the log as it is wanted: by a hash, or by their ids") {
  const std::string mode = GENERATE("hashed", "plain");
  service_stack stack{{{"WORKER_LOG_USER_IDS", mode}, {"WORKER_LOG_FORMAT", "json"}}};
  static_cast<void>(stack.final_job(stack.submit({"", "erika", "[[sim:safety x1]]", ""})));
  CHECK(stack.worker().stop() == 0);
  const auto lines = lines_of(stack.folder() / "worker.log");
  const auto about = std::ranges::find_if(lines, [](const std::string& line) {
    return holds(line, R"("message":"a job failed")");
  });
  REQUIRE(about != lines.end());
  CHECK(holds(*about, R"("user":"erika")") == (mode == "plain"));
  CHECK(holds(*about, R"("user":"user-)") == (mode == "hashed"));
}

TEST_CASE("the level of one subsystem is changed while the service runs") {
  service_stack stack;
  const auto ask = [&stack](const std::string& id) {
    CHECK(stack.call("GET", "/worker/status", "", {"X-Request-Id: " + id}).status == 200);
  };
  const auto is_logged = [&stack](const std::string& id) {
    return holds(
               stack.worker().output(),
               "debug http: request answered method=GET route=/worker/status"
           )
           && holds(stack.worker().output(), "requestId=" + id);
  };
  ask("before");
  put_config(stack, R"({"logLevel":"warning,http=debug"})");
  ask("during");
  wait_until("the request is logged", [&] { return is_logged("during"); });
  put_config(stack, R"({"logLevel":"info"})");
  ask("after");
  const auto refused = stack.call("PUT", "/worker/config", R"({"logLevel":"info,htp=debug"})");
  CHECK(refused.status == 400);
  CHECK(holds(refused.body, "subsystems: service, supervisor, queue, worker, gemini"));
  CHECK(stack.worker().stop() == 0);
  CHECK_FALSE(is_logged("before"));
  CHECK_FALSE(is_logged("after"));
}

TEST_CASE("each change is in the audit file and in the log, with the request's id") {
  const temporary_folder kept;
  const auto audit_file = kept.path() / "audit.jsonl";
  service_stack stack{{{"WORKER_AUDIT_FILE", audit_file.string()}, {"WORKER_LOG_FORMAT", "json"}}};
  const auto created = stack.call(
      "POST", "/worker/jobs", stack.job_body(),
      {"Content-Type: application/json", "X-Request-Id: request-7"}
  );
  REQUIRE(created.status == 201);
  const std::string id = text_at(created.json(), {"id"});
  static_cast<void>(stack.final_job(id));
  CHECK(stack.call("DELETE", "/worker/jobs/" + id).status == 409);
  CHECK(stack.worker().stop() == 0);

  const auto lines = lines_of(audit_file);
  REQUIRE(lines.size() == 6);
  CHECK(holds(lines[0], R"("who":"stayler-worker","action":"start")"));
  const auto submitted = adapters::parse_json(lines[3]);
  REQUIRE(submitted);
  CHECK(parse_rfc3339(text_at(*submitted, {"time"})));
  CHECK(text_at(*submitted, {"who"}) == "127.0.0.1");
  CHECK(text_at(*submitted, {"action"}) == "POST /worker/jobs");
  CHECK(text_at(*submitted, {"target"}) == id);
  CHECK(text_at(*submitted, {"requestId"}) == "request-7");
  CHECK(number_at(*submitted, {"status"}) == 201);
  CHECK(holds(lines[4], R"("action":"DELETE /worker/jobs/{id}","target":")" + id));
  CHECK(holds(lines[4], R"("status":409)"));
  CHECK(holds(lines[5], R"("who":"stayler-worker","action":"stop")"));
  const auto log = lines_of(stack.folder() / "worker.log");
  CHECK(
      std::ranges::count_if(
          log, [](const std::string& line) { return holds(line, R"("subsystem":"audit")"); }
      )
      == 6
  );
}

TEST_CASE("the audit trail is verified, also while it is written, and what was changed is named") {
  service_stack stack;
  const auto environment = worker_environment(stack.folder() / "data", "http://127.0.0.1:9");
  const auto verify = [&environment] {
    return run_program(STAYLER_WORKER, {"--verify-audit"}, environment);
  };
  const auto id = stack.submit();
  static_cast<void>(stack.final_job(id));
  wait_until("the trail is signed", [&] {
    return holds(stack.get("/worker/audit?limit=1").body, id) && verify().exit_code == 0;
  });
  CHECK(holds(verify().output, "audit trail ok: 4 records; the last is 4, with the hash "));
  stack.worker().signal(SIGKILL);
  CHECK(stack.worker().wait(20s) == 128 + SIGKILL);
  CHECK(verify().exit_code == 0);

  const auto file = stack.folder() / "data" / "audit.jsonl";
  std::string trail = read_file(file);
  trail.replace(trail.find("POST /worker/jobs"), 4, "HEAD");
  std::ofstream{file, std::ios::binary} << trail;
  const auto found = verify();
  CHECK(found.exit_code == 1);
  CHECK(holds(found.output, "audit trail: record 4 ("));
  CHECK(holds(found.output, "was changed"));
  auto elsewhere = environment;
  elsewhere["WORKER_DATA_DIR"] = (stack.folder() / "nowhere").string();
  CHECK(run_program(STAYLER_WORKER, {"--verify-audit"}, elsewhere).exit_code == 2);
}

TEST_CASE("an audit file that is not there fails the start") {
  const temporary_folder kept;
  auto elsewhere = worker_environment(kept.path(), "http://127.0.0.1:9");
  elsewhere["WORKER_AUDIT_FILE"] = "/nowhere/at/all";
  const auto run = run_program(STAYLER_WORKER, {}, elsewhere);
  CHECK(run.exit_code == 1);
  CHECK(holds(run.output, "critical service: audit file /nowhere/at/all: No such file"));
}
