// SPDX-License-Identifier: MIT
// The real program with keys, on addresses that are not 127.0.0.1.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/raw_http.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

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

/// A key that the program has made, and appended to the file.
std::string new_key(
    const std::filesystem::path& file, const std::string& name, const std::string& role
) {
  const auto made =
      run_program(STAYLER_WORKER, {"--new-key", name, role, "--keys-file", file.string()}, {});
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
  return made.output.substr(0, made.output.find('\n'));
}

/// The file without the entry of that name, put in its place as a whole.
void remove_entry(const std::filesystem::path& file, const std::string& name) {
  std::ifstream in{file};
  const auto next = file.string() + ".next";
  std::ofstream out{next};
  for (std::string line; std::getline(in, line);) {
    out << (line.rfind(name + ":", 0) == 0 ? "" : line + "\n");
  }
  out.close();
  std::filesystem::rename(next, file);
}

std::uint16_t port_of(const service_process& service) {
  return static_cast<std::uint16_t>(std::stoul(service.url().substr(service.url().rfind(':') + 1)));
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

TEST_CASE("keys come and go with their file while the service runs") {
  const temporary_folder kept;
  const auto key_file = kept.path() / "keys";
  const auto ops = new_key(key_file, "ops", "admin");
  const auto look = new_key(key_file, "look", "viewer");
  struct stat made {};
  REQUIRE(stat(key_file.c_str(), &made) == 0);
  CHECK((made.st_mode & 0777U) == 0600U);
  const auto audit_file = kept.path() / "audit.jsonl";
  service_stack stack{
      {{"WORKER_API_KEYS_FILE", key_file.string()}, {"WORKER_AUDIT_FILE", audit_file.string()}}};
  const auto status_with = [&](const std::string& key) {
    return stack.call("GET", "/worker/status", "", showing(key)).status;
  };
  CHECK(status_with(ops) == 200);
  raw_connection follower{port_of(stack.worker())};
  follower.send(
      "GET /worker/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + look + "\r\n\r\n"
  );
  CHECK(follower.read_answer(true).status == 200);

  const auto front = new_key(key_file, "front", "submitter");
  stack.worker().signal(SIGHUP);
  wait_until("the new key is known", [&] { return status_with(front) == 200; });

  remove_entry(key_file, "look");  // which is noticed without a signal
  wait_until("the old key is not known any more", [&] { return status_with(look) == 401; });
  CHECK(follower.is_closed_by_peer());
  CHECK(status_with(ops) == 200);

  std::ofstream{key_file} << "ops:admin:nonsense\n";
  stack.worker().signal(SIGHUP);
  wait_until("a bad file is an error in the log", [&] {
    return holds(stack.worker().output(), "WORKER_API_KEYS_FILE is not usable");
  });
  CHECK(status_with(ops) == 200);

  // A pipe that nobody writes to would be waited for.
  std::filesystem::remove(key_file);
  REQUIRE(mkfifo(key_file.c_str(), S_IRUSR | S_IWUSR) == 0);
  stack.worker().signal(SIGHUP);
  wait_until("a pipe is one too", [&] {
    return holds(stack.worker().output(), "it is no regular file");
  });
  std::filesystem::remove(key_file);
  const auto late = new_key(key_file, "late", "viewer");
  stack.worker().signal(SIGHUP);
  wait_until("the file is read again", [&] { return status_with(late) == 200; });

  CHECK(stack.worker().stop() == 0);
  const std::string audit = read_file(audit_file);
  CHECK(holds(audit, R"("action":"read WORKER_API_KEYS_FILE")"));
  CHECK(holds(audit, R"("details":"added front")"));
  CHECK(holds(audit, R"("details":"removed look")"));
  CHECK(holds(audit, R"("action":"calls without a known API key")"));
}

TEST_CASE("without a file of keys SIGHUP changes nothing") {
  service_stack stack;
  stack.worker().signal(SIGHUP);
  wait_until("the signal is seen", [&] { return holds(stack.worker().output(), "SIGHUP"); });
  CHECK(stack.get("/worker/status").status == 200);
  CHECK(stack.worker().stop() == 0);
}

TEST_CASE("a new key is printed once, with the entry for its file") {
  const auto made = run_program(STAYLER_WORKER, {"--new-key", "web", "submitter", "ann+bob"}, {});
  CHECK(made.exit_code == 0);
  CHECK(holds(made.output, "key, shown only now: stayler_"));
  CHECK(holds(made.output, "entry for WORKER_API_KEYS_FILE: web:submitter:"));
  CHECK(holds(made.output, ":ann+bob\n"));
}

TEST_CASE("a new key that cannot be made says why, and changes no file") {
  const temporary_folder kept;
  const auto key_file = kept.path() / "keys";
  static_cast<void>(new_key(key_file, "web", "viewer"));
  const std::string before = read_file(key_file);
  const auto problem_with = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "--new-key");
    const auto refused = run_program(STAYLER_WORKER, arguments, {});
    CHECK(refused.exit_code != 0);
    return refused.output;
  };
  CHECK(holds(problem_with({"web"}), "use --new-key NAME ROLE"));
  CHECK(holds(problem_with({"a", "viewer", ""}), "use --new-key NAME ROLE"));
  CHECK(holds(problem_with({"web", "owner"}), "the role \"owner\" is not allowed"));
  CHECK(holds(problem_with({"a b", "viewer"}), "the name \"a b\" is not allowed"));
  CHECK(holds(problem_with({"a", "viewer", "--nonsense"}), "use --new-key NAME ROLE"));
  CHECK(holds(
      problem_with({"web", "admin", "--keys-file", key_file.string()}),
      "has the name or the hash of one before it"
  ));
  CHECK(holds(problem_with({"a", "admin", "--keys-file", kept.path() / "no/keys"}), "No such file")
  );
  CHECK(read_file(key_file) == before);
}

TEST_CASE("behind a trusted proxy the audit trail names the caller") {
  const temporary_folder kept;
  const auto audit_file = kept.path() / "audit.jsonl";
  service_stack stack{
      {{"WORKER_API_KEYS", keys},
       {"WORKER_TRUSTED_PROXIES", "127.0.0.1"},
       {"WORKER_AUDIT_FILE", audit_file.string()}}};
  auto headers = showing(admin_key);
  headers.emplace_back("X-Forwarded-For: 203.0.113.5, 192.0.2.7");
  CHECK(stack.call("POST", "/worker/stop", "", headers).status == 200);
  CHECK(stack.worker().stop() == 0);
  CHECK(holds(read_file(audit_file), R"("who":"192.0.2.7","key":"ops")"));
}
