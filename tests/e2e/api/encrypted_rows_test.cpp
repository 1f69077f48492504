// SPDX-License-Identifier: MIT

// Jobs, records and notifications at rest, with WORKER_ENCRYPTION_KEYS: a search through all files
// finds nothing of what they say, all calls work as without, and what was changed is found out.

#include "adapters/sqlite/sqlite_database.hpp"
#include "messages/base/time.hpp"
#include "messages/base/uuid.hpp"
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr const char* erika = "erika-mustermann";

std::string made_key(const std::string& id) {
  const auto made = run_program(STAYLER_WORKER, {"--new-encryption-key", id}, {});
  REQUIRE(made.exit_code == 0);
  return made.output.substr(0, made.output.find('\n'));
}

/// Notifications stay in the outbox: nobody listens at that address.
environment with_keys(const std::string& keys, environment more = {}) {
  more["WORKER_ENCRYPTION_KEYS"] = keys;
  more["WEBHOOK_URL"] = "http://127.0.0.1:1/hook-of-the-application";
  more["WEBHOOK_SECRET"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr";
  return more;
}

std::string tomorrow() {
  const auto now = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
  return to_rfc3339(now + 24h);
}

/// What the jobs of one user have left, and by what it would be found.
struct left_behind {
  std::string done;  ///< ids of jobs
  std::string failed;
  std::string waiting;
  std::string photo;  ///< an image's id
  std::vector<std::string> telling;
};

std::string submit_as_erika(
    const service_stack& stack,
    const std::string& photo,
    const std::string& garment,
    const std::string& name,
    const std::string& prompt,
    int expected = 201
) {
  const std::string more = name == "later" ? R"(,"runAt":")" + tomorrow() + R"(")" : "";
  const auto answer = stack.call(
      "POST", "/worker/jobs",
      R"({"type":"image_conversion","conversionId":"wish-number-)" + name + R"(","userId":")"
          + erika + R"(","payload":{"userImageId":")" + photo + R"(","clothImageId":")" + garment
          + R"(","options":{"style":"sunday-best","prompt":"in the garden behind the house)"
          + prompt + R"("}})" + more + "}",
      {"Content-Type: application/json", "Idempotency-Key: key-for-wish-" + name}
  );
  INFO(answer.body);
  REQUIRE(answer.status == expected);
  return text_at(answer.json(), {"id"});
}

/// A job that is done, one that has failed, and one that waits.
left_behind live_as_erika(service_stack& stack) {
  left_behind left;
  const std::string bytes = read_file(fs::path{STAYLER_ASSETS} / "person.jpg");
  const auto uploaded = stack.call(
      "POST", std::string{"/images?userId="} + erika, bytes, {"Content-Type: image/jpeg"}
  );
  REQUIRE(uploaded.status == 201);
  left.photo = text_at(uploaded.json(), {"id"});
  left.done = submit_as_erika(stack, left.photo, stack.garment(), "done", "");
  REQUIRE(text_at(stack.final_job(left.done), {"status"}) == "completed");
  left.failed = submit_as_erika(stack, left.photo, stack.garment(), "failed", " [[sim:safety x9]]");
  REQUIRE(text_at(stack.final_job(left.failed), {"status"}) == "failed");
  left.waiting = submit_as_erika(stack, left.photo, stack.garment(), "later", "");
  const std::string picture = stack.get("/images/" + left.photo).body;
  left.telling = {
      erika,
      "wish-number-",
      "garden behind the house",
      "key-for-wish",
      "sunday-best",
      "sim:safety",
      picture.substr(picture.size() / 2, 24)};
  return left;
}

void check_nothing_told(const fs::path& folder, const left_behind& left) {
  for (const auto& [file, content] : contents_below(folder)) {
    for (const std::string& text : left.telling) {
      INFO(file << " " << text);
      CHECK_FALSE(holds(content, text));
    }
  }
}

/// By id, by erika, by conversion; and a repetition is known.
void check_lookups(service_stack& stack, const left_behind& left) {
  for (const std::string& id : {left.done, left.failed, left.waiting}) {
    const auto job = stack.get("/worker/jobs/" + id);
    INFO(job.body);
    REQUIRE(job.status == 200);
    CHECK(text_at(job.json(), {"userId"}) == erika);
    CHECK(text_at(job.json(), {"payload", "options", "style"}) == "sunday-best");
  }
  const auto listed = stack.get(std::string{"/worker/jobs?userId="} + erika);
  REQUIRE(listed.status == 200);
  CHECK(size_at(listed.json(), {"jobs"}) == 3);
  const auto of_conversion = stack.get("/worker/jobs?conversionId=wish-number-later");
  REQUIRE(of_conversion.status == 200);
  CHECK(size_at(of_conversion.json(), {"jobs"}) == 1);
  CHECK(submit_as_erika(stack, left.photo, stack.garment(), "done", "", 200) == left.done);
  CHECK(stack.get("/images/" + left.photo).status == 200);
}

void erase_erika(service_stack& stack) {
  const auto begun = stack.call("DELETE", std::string{"/users/"} + erika + "/data");
  REQUIRE(begun.status == 202);
  const auto erasure = header_of(begun, "Location");
  wait_until(
      "the erasure is done",
      [&] {
        const auto answer = stack.get(erasure);
        return answer.status == 200 && text_at(answer.json(), {"status"}) == "done";
      },
      60s, [&] { return stack.get(erasure).body; }
  );
  CHECK(number_at(stack.get(erasure).json(), {"erased", "jobs"}) == 3);
}

finished_run rekey_rows(service_stack& stack, const std::string& keys) {
  auto settings = worker_environment(stack.folder() / "data", stack.sim().url());
  settings["WORKER_ENCRYPTION_KEYS"] = keys;
  return run_program(STAYLER_WORKER, {"--rekey"}, settings);
}

/// How many contents of rows of that key the data folder holds.
std::size_t rows_under(const service_stack& stack, const std::string& id) {
  std::string mark{"\2"};
  mark += static_cast<char>(id.size());
  mark += id;
  std::size_t count = 0;
  for (const auto& [file, content] : contents_below(stack.folder() / "data")) {
    for (auto at = content.find(mark); at != std::string::npos; at = content.find(mark, at + 1)) {
      ++count;
    }
  }
  return count;
}

void change_rows(const service_stack& stack, const char* file, const std::string& sql) {
  auto database = adapters::sqlite_database::open(stack.folder() / "data" / file);
  REQUIRE(database);
  REQUIRE(database->exec(sql));
}

}  // namespace

TEST_CASE("with encryption on nothing of photos, prompts and ids is in the data folder") {
  const std::string keys = made_key("k1");
  service_stack stack{with_keys(keys)};
  const auto left = live_as_erika(stack);
  check_nothing_told(stack.folder() / "data", left);
  check_lookups(stack, left);

  REQUIRE(stack.worker().stop() == 0);
  check_nothing_told(stack.folder() / "data", left);
  stack.start_worker();
  check_lookups(stack, left);
  erase_erika(stack);
  CHECK(stack.get("/worker/jobs/" + left.done).status == 404);
  CHECK(stack.get("/images/" + left.photo).status == 404);
  check_nothing_told(stack.folder() / "data", left);
}

TEST_CASE("with encryption on nothing of prompts and ids is in Redis' dump and log of commands") {
  const redis_process redis{{"--rdbcompression", "no"}};
  const std::string keys = made_key("k1");
  service_stack stack{with_keys(keys, {{"QUEUE_BACKEND", "redis"}, {"REDIS_URL", redis.url()}})};
  const auto left = live_as_erika(stack);
  const auto look = [&] {
    const auto saved =
        run_program("/usr/bin/redis-cli", {"-p", std::to_string(redis.port()), "save"}, {});
    INFO(saved.output);
    REQUIRE(saved.exit_code == 0);
    REQUIRE(fs::exists(redis.data_folder() / "dump.rdb"));
    check_nothing_told(redis.data_folder(), left);
    check_nothing_told(stack.folder() / "data", left);
  };
  look();
  REQUIRE(stack.worker().stop() == 0);
  stack.start_worker();
  check_lookups(stack, left);
  const std::string both = made_key("k2") + "," + keys;
  REQUIRE(stack.worker().stop() == 0);
  stack.start_worker({{"WORKER_ENCRYPTION_KEYS", both}});
  auto settings = worker_environment(stack.folder() / "data", stack.sim().url());
  settings.merge(with_keys(both, {{"QUEUE_BACKEND", "redis"}, {"REDIS_URL", redis.url()}}));
  const auto done = run_program(STAYLER_WORKER, {"--rekey"}, settings);
  INFO(done.output);
  CHECK(done.exit_code == 0);
  check_lookups(stack, left);
  REQUIRE(stack.worker().stop() == 0);
  stack.start_worker({{"WORKER_ENCRYPTION_KEYS", both.substr(0, both.find(','))}});
  check_lookups(stack, left);
  erase_erika(stack);
  look();
}

TEST_CASE("what was there before encryption becomes encrypted at the start, and is found as before"
) {
  service_stack stack{with_keys("")};
  const auto left = live_as_erika(stack);
  REQUIRE(stack.worker().stop() == 0);
  std::string all;
  for (const auto& [file, content] : contents_below(stack.folder() / "data")) {
    all += content;
  }
  for (const std::string& text : left.telling) {
    INFO(text);
    CHECK(holds(all, text));
  }
  const std::string key = made_key("k1");
  auto settings = worker_environment(stack.folder() / "data", stack.sim().url());
  settings["WORKER_ENCRYPTION_KEYS"] = key;
  const auto refused = run_program(STAYLER_WORKER, {}, settings);
  CHECK(refused.exit_code == 1);
  CHECK(holds(refused.output, "\"plain\""));

  stack.start_worker({{"WORKER_ENCRYPTION_KEYS", key + ",plain"}});
  check_lookups(stack, left);
  CHECK(rekey_rows(stack, key + ",plain").exit_code == 0);
  REQUIRE(stack.worker().stop() == 0);
  fs::remove_all(stack.folder() / "data" / "cache");
  check_nothing_told(stack.folder() / "data", left);
  stack.start_worker({{"WORKER_ENCRYPTION_KEYS", key}});
  check_lookups(stack, left);
  erase_erika(stack);
}

TEST_CASE("kill -9 in the middle of rekeying rows loses nothing, and the next one ends it") {
  const std::string old_key = made_key("old");
  service_stack stack{with_keys(old_key)};
  const auto left = live_as_erika(stack);
  std::string batch;
  for (int i = 0; i < 1'000; ++i) {
    batch += (i == 0 ? "" : ",")
             + (R"({"type":"image_conversion","conversionId":"c-)" + std::to_string(i)
                + R"(","userId":"bob","runAt":")" + tomorrow() + R"(","payload":{"userImageId":")"
                + stack.person() + R"(","clothImageId":")" + stack.garment() + R"("}})");
  }
  REQUIRE(stack.call("POST", "/worker/jobs/batch", R"({"jobs":[)" + batch + "]}").status < 300);
  const std::string both = made_key("new") + "," + old_key;
  REQUIRE(stack.worker().stop() == 0);
  stack.start_worker({{"WORKER_ENCRYPTION_KEYS", both}});

  auto settings = worker_environment(stack.folder() / "data", stack.sim().url());
  settings["WORKER_ENCRYPTION_KEYS"] = both;
  service_process first{
      STAYLER_WORKER,
      {"--rekey"},
      settings,
      stack.folder() / "rekey.log",
      service_process::awaited::nothing};
  const auto before = rows_under(stack, "new");
  wait_until("some are encrypted anew", [&] { return rows_under(stack, "new") > before + 50; });
  first.signal(SIGKILL);
  first.wait(10s);
  check_lookups(stack, left);

  const auto second = rekey_rows(stack, both);
  INFO(second.output);
  CHECK(second.exit_code == 0);
  CHECK(holds(second.output, "encrypted with the key new"));
  const auto third = rekey_rows(stack, both);
  CHECK(holds(third.output, "rows: 0 encrypted with the key new"));
  REQUIRE(stack.worker().stop() == 0);
  stack.start_worker({{"WORKER_ENCRYPTION_KEYS", both.substr(0, both.find(','))}});
  check_lookups(stack, left);
  CHECK(size_at(stack.get("/worker/jobs?userId=bob&limit=500").json(), {"jobs"}) == 500);
}

TEST_CASE("a byte that was changed in a stored row is said so, and the service goes on") {
  service_stack stack{with_keys(made_key("k1"))};
  const auto left = live_as_erika(stack);
  REQUIRE(stack.worker().stop() == 0);
  const auto id = parse_uuid(left.done);
  REQUIRE(id);
  std::string hex;
  for (const auto byte : id->bytes) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 0x0FU];
  }
  // The last byte, whatever it is, becomes another one.
  const std::string other_end =
      "substr(data, 1, length(data) - 1) || CASE WHEN substr(data, -1) = x'00' THEN x'01' ELSE "
      "x'00'"
      " END";
  change_rows(
      stack, "jobs.db",
      "UPDATE jobs SET data = CAST(" + other_end + " AS BLOB) WHERE id = x'" + hex + "'"
  );
  change_rows(
      stack, "stayler.db",
      "UPDATE images SET data = CAST(" + other_end + " AS BLOB) WHERE id = '" + left.photo + "'"
  );
  stack.start_worker();
  const auto job = stack.get("/worker/jobs/" + left.done);
  CHECK(job.status == 500);
  CHECK(text_at(job.json(), {"error"}) == "internal_bug");
  CHECK_FALSE(holds(job.body, erika));
  CHECK(holds(stack.worker().output(), "is not what was stored there"));
  CHECK(stack.get("/images/" + left.photo).status == 500);
  // All else is as it was.
  CHECK(stack.get("/worker/jobs/" + left.failed).status == 200);
  CHECK(stack.get("/worker/jobs").status == 200);
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  erase_erika(stack);
  CHECK(stack.get("/worker/jobs/" + left.done).status == 404);
}
