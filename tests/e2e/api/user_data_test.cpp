// SPDX-License-Identifier: MIT

// What is kept of a user is handed out whole, and erased so that a search through all files and
// stores finds neither an id nor a byte of it.
#include "adapters/postgres/postgres_database.hpp"
#include "messages/base/uuid.hpp"
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/servers/postgres/postgres_process.hpp"
#include "tests/support/servers/redis/redis_process.hpp"
#include "tests/support/servers/s3_server.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <set>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// What there is of one user, and by what it would be found.
struct traces {
  std::string picture;            ///< the bytes of the user's photo as they are stored
  std::string result;             ///< and of the picture that was made of it
  std::set<std::string> ids;      ///< of images and jobs
  std::set<std::string> secrets;  ///< what nobody but the user's own data says
};

std::string upload_of(
    const service_stack& stack, const std::string& user, const char* photo = "person.jpg"
) {
  const auto answer = stack.call(
      "POST", "/images?userId=" + user, read_file(fs::path{STAYLER_ASSETS} / photo),
      {"Content-Type: application/octet-stream"}
  );
  REQUIRE(answer.status == 201);
  return text_at(answer.json(), {"id"});
}

/// A job that is done, one that waits for its start, one that has failed, and their pictures.
traces live(service_stack& stack, const std::string& user, const char* file = "person.jpg") {
  traces left;
  const auto photo = upload_of(stack, user, file);
  const auto submit = [&](const std::string& more, const std::string& prompt) {
    const auto answer = stack.call(
        "POST", "/worker/jobs",
        R"({"type":"image_conversion","conversionId":"wish-)" + user + "-" + more
            + R"(","userId":")" + user + R"(","payload":{"userImageId":")" + photo
            + R"(","clothImageId":")" + stack.garment()
            + R"(","options":{"prompt":"in the garden of )" + user + prompt + R"("}})"
            + (more == "later" ? R"(,"runAt":"2026-12-31T00:00:00Z")" : "") + "}",
        {"Content-Type: application/json", "Idempotency-Key: key-of-" + user + "-" + more}
    );
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    return text_at(answer.json(), {"id"});
  };
  const auto done = stack.final_job(submit("done", ""));
  REQUIRE(text_at(done, {"status"}) == "completed");
  const auto failed = stack.final_job(submit("failed", " [[sim:safety x9]]"));
  const auto result = text_at(done, {"result", "imageId"});
  left.ids = {photo, result, text_at(done, {"id"}), text_at(failed, {"id"}), submit("later", "")};
  left.picture = stack.get("/images/" + photo).body;
  left.result = stack.get("/images/" + result).body;
  left.secrets = {user};
  return left;
}

std::string erase(const service_stack& stack, const std::string& user) {
  const auto begun = stack.call("DELETE", "/users/" + user + "/data");
  INFO(begun.body);
  REQUIRE(begun.status == 202);
  return header_of(begun, "Location");
}

void await_end(const service_stack& stack, const std::string& erasure) {
  wait_until(
      "the erasure is done",
      [&] {
        const auto answer = stack.get(erasure);
        return answer.status == 200 && text_at(answer.json(), {"status"}) == "done";
      },
      60s, [&] { return stack.get(erasure).body; }
  );
}

/// A piece of it that is nowhere else.
std::string middle_of(const std::string& bytes) {
  return bytes.substr(bytes.size() / 2, 32);
}

/// The id as its sixteen bytes: so are some in Redis and in databases.
std::string raw_of(const std::string& id) {
  const auto parsed = parse_uuid(id);
  REQUIRE(parsed);
  return {parsed->bytes.begin(), parsed->bytes.end()};
}

/// The files under the folder that hold the text.
std::string files_with(const fs::path& folder, const std::string& text) {
  std::string found;
  for (const auto& [path, content] : contents_below(folder)) {
    if (holds(content, text)) {
      found += path.filename().string() + " ";
    }
  }
  return found;
}

void check_nothing_left(const service_stack& stack, const traces& of) {
  const fs::path data = stack.folder() / "data";
  for (const std::string& each : of.secrets) {
    INFO(each);
    CHECK(files_with(data, each).empty());
  }
  for (const std::string& bytes : {of.picture, of.result}) {
    CHECK(files_with(data, middle_of(bytes)).empty());
  }
  for (const std::string& id : of.ids) {
    INFO(id);
    // The trail tells of calls about ids, which say nothing of whose they were.
    const auto found = files_with(data, id);
    CHECK((found.empty() || found == "audit.jsonl "));
    CHECK(files_with(data, raw_of(id)).empty());
    CHECK(stack.get("/images/" + id).status == 404);
    CHECK(stack.get("/worker/jobs/" + id).status == 404);
  }
}

std::string archive_listing(const service_stack& stack, const std::string& archive) {
  const auto file = stack.folder() / "archive.tar";
  std::ofstream{file, std::ios::binary} << archive;
  const auto listed = run_program("/bin/tar", {"-tf", file.string()}, {});
  INFO(listed.output);
  REQUIRE(listed.exit_code == 0);
  return listed.output;
}

}  // namespace

TEST_CASE("an erasure leaves nothing of its user, and all of the others") {
  service_stack stack;
  const auto bob = live(stack, "bobby-tables", "garment.png");
  const auto of = live(stack, "erika-mustermann");
  for (const std::string& each : of.secrets) {
    REQUIRE_FALSE(files_with(stack.folder() / "data", each).empty());
  }
  REQUIRE_FALSE(files_with(stack.folder() / "data", middle_of(of.result)).empty());

  const auto erasure = erase(stack, "erika-mustermann");
  await_end(stack, erasure);
  check_nothing_left(stack, of);
  const auto report = stack.get(erasure).json();
  CHECK(number_at(report, {"erased", "jobs"}) == 3);
  CHECK(number_at(report, {"erased", "images"}) == 2);
  CHECK(number_at(report, {"erased", "cachedPictures"}) == 1);
  for (const std::string& id : bob.ids) {
    CHECK(
        (stack.get("/images/" + id).status == 200 || stack.get("/worker/jobs/" + id).status == 200)
    );
  }
  CHECK(stack.worker().stop() == 0);
  CHECK_FALSE(holds(stack.worker().output(), "erika-mustermann"));
}

TEST_CASE("an erasure goes on behind kill -9, and ends") {
  service_stack stack;
  const auto of = live(stack, "erika-mustermann");
  const auto erasure = erase(stack, "erika-mustermann");
  stack.worker().signal(SIGKILL);
  CHECK(stack.worker().wait(20s) == 128 + SIGKILL);
  stack.start_worker();
  await_end(stack, erasure);
  check_nothing_left(stack, of);
}

TEST_CASE("an attempt that is under way when its user is erased leaves no picture") {
  service_stack stack{{}, {"--latency", "1500ms"}};
  const auto photo = upload_of(stack, "erika-mustermann");
  const auto answer = stack.call(
      "POST", "/worker/jobs",
      R"({"type":"image_conversion","conversionId":"c","userId":"erika-mustermann","payload":)"
      R"({"userImageId":")"
          + photo + R"(","clothImageId":")" + stack.garment() + R"("}})"
  );
  REQUIRE(answer.status == 201);
  wait_until("the provider is called", [&] { return stack.sim_count({"generateCalls"}) == 1; });
  await_end(stack, erase(stack, "erika-mustermann"));
  CHECK(files_with(stack.folder() / "data", "erika-mustermann").empty());
}

TEST_CASE("with Redis and S3, too, an erasure leaves nothing of its user") {
  const redis_process redis{{"--rdbcompression", "no"}};
  s3_server s3;
  service_stack stack{
      {{"QUEUE_BACKEND", "redis"},
       {"REDIS_URL", redis.url()},
       {"STORAGE_URL", s3.storage_url("live")},
       {"S3_ACCESS_KEY_ID", s3_server::key_id},
       {"S3_SECRET_ACCESS_KEY", s3_server::secret}}};
  const auto of = live(stack, "erika-mustermann");
  const auto dump = [&] {
    const auto file = stack.folder() / "dump.rdb";
    const auto dumped = run_program(
        "/usr/bin/redis-cli", {"-p", std::to_string(redis.port()), "--rdb", file.string()}, {}
    );
    INFO(dumped.output);
    REQUIRE(dumped.exit_code == 0);
    return read_file(file);
  };
  REQUIRE(holds(dump(), "erika-mustermann"));
  await_end(stack, erase(stack, "erika-mustermann"));
  check_nothing_left(stack, of);
  CHECK(stack.worker().stop() == 0);
  // The day's account with the provider, by which budgets hold, is told to other coordinators until
  // the day is over: docs/privacy.md says so.
  const auto removed = run_program(
      "/usr/bin/redis-cli",
      {"-p", std::to_string(redis.port()), "del", "{stayler}:peers", "{stayler}:peers:ends"}, {}
  );
  REQUIRE(removed.exit_code == 0);
  const std::string left = dump();
  CHECK_FALSE(holds(left, "erika-mustermann"));
  for (const std::string& id : of.ids) {
    INFO(id);
    CHECK_FALSE(holds(left, id));
    CHECK_FALSE(holds(left, raw_of(id)));
  }
  for (const auto& [key, body] : s3.objects()) {
    INFO(key);
    CHECK(body != of.picture);
    CHECK(body != of.result);
  }
}

TEST_CASE("in PostgreSQL an erasure leaves the application's conversions, without their results") {
  postgres_process server;
  const std::string url = server.new_database();
  service_stack stack{{{"DATABASE_URL", url}}};
  const auto of = live(stack, "erika-mustermann");
  adapters::postgres_database database{{url}};
  const auto rows_with = [&database](const std::string& table, const std::string& text) {
    const auto rows = database.query(
        "SELECT count(*) FROM " + table + " AS t WHERE t::text LIKE '%" + text + "%'"
    );
    REQUIRE(rows);
    return rows->number(0, 0);
  };
  REQUIRE(rows_with("images", "erika-mustermann") == 2);
  await_end(stack, erase(stack, "erika-mustermann"));
  check_nothing_left(stack, of);
  for (const auto* table :
       {"images", "stayler_image_files", "stayler_outbox", "stayler_spending",
        "stayler_erasures"}) {
    INFO(table);
    CHECK(rows_with(table, "erika-mustermann") == 0);
    for (const std::string& id : of.ids) {
      CHECK(rows_with(table, id) == 0);
    }
  }
  CHECK(rows_with("conversions", "erika-mustermann") == 3);
  const auto results = database.query("SELECT count(result_image_id) FROM conversions");
  REQUIRE(results);
  CHECK(results->number(0, 0) == 0);
}

TEST_CASE("a user's data is handed out as an archive, whole, with all pictures") {
  service_stack stack;
  const auto of = live(stack, "erika-mustermann");
  static_cast<void>(live(stack, "bobby-tables"));
  const auto archive = stack.get("/users/erika-mustermann/data");
  REQUIRE(archive.status == 200);
  CHECK(header_of(archive, "Content-Type") == "application/x-tar");
  const auto listing = archive_listing(stack, archive.body);
  for (const auto* name :
       {"jobs/0001.json\n", "conversions/0001.json\n", "images/0001.json\n", "manifest.json\n"}) {
    INFO(name);
    CHECK(holds(listing, name));
  }
  CHECK(holds(archive.body, of.picture));
  CHECK(holds(archive.body, of.result));
  for (const std::string& id : of.ids) {
    INFO(id);
    CHECK(holds(archive.body, id));
  }
  CHECK_FALSE(holds(archive.body, "bobby-tables"));
  CHECK(std::ranges::count(listing, '\n') == 6);
}
