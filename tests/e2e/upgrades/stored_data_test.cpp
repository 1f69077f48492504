// SPDX-License-Identifier: MIT

// What earlier releases have left behind, killed in the middle of their work, is opened, gone on
// with and finished by this one. stored/ has it as `record` wrote it down, by release and store.
// scripts/upgrade-test does the same with a release's programs.
#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace {

const fs::path stored =
    fs::path{STAYLER_ASSETS}.parent_path() / "tests" / "e2e" / "upgrades" / "stored" / "0.1.0";

/// Which jobs there are: how each stood, and its id.
using left_jobs = std::vector<std::pair<std::string, std::string>>;

left_jobs read_jobs(const fs::path& file) {
  std::istringstream lines{read_file(file)};
  left_jobs jobs;
  for (std::string state, id; lines >> state >> id;) {
    jobs.emplace_back(state, id);
  }
  REQUIRE(jobs.size() == 7);
  return jobs;
}

void make_database(const fs::path& file, const fs::path& dump) {
  auto database = adapters::sqlite_database::open(file);
  REQUIRE(database);
  const auto made = database->exec(read_file(dump));
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
}

/// What that release has left, in a data folder of its own.
class left_behind {
 public:
  explicit left_behind(const std::string& store) : from_(stored / store) {
    fs::copy(from_ / "blobs", data() / "blobs", fs::copy_options::recursive);
    make_database(data() / "stayler.db", from_ / "stayler.sql");
    if (fs::exists(from_ / "jobs.sql")) {
      make_database(data() / "jobs.db", from_ / "jobs.sql");
    }
  }

  [[nodiscard]] fs::path data() const { return folder_.path(); }
  [[nodiscard]] fs::path file(const std::string& name) const { return from_ / name; }
  [[nodiscard]] left_jobs jobs() const { return read_jobs(file("jobs")); }

  /// Jobs stay, however long ago they have ended; what is to be delivered finds nobody.
  [[nodiscard]] environment settings(const environment& more = {}) const {
    environment all{
        {"WORKER_DATA_DIR", data().string()},
        {"WORKER_CLEANUP_INTERVAL", "1h"},
        {"WORKER_WEBHOOK_URL", "http://127.0.0.1:9/"},
        {"WORKER_WEBHOOK_SECRET", std::string(43, 'A') + "="},
        {"WORKER_NOTIFY_GIVE_UP", "720h"}};
    all.insert(more.begin(), more.end());
    return all;
  }

 private:
  fs::path from_;
  temporary_folder folder_;
};

void check_picture(const service_stack& stack, const adapters::json_value& job) {
  const std::string image = "/images/" + text_at(job, {"result", "imageId"});
  CHECK(stack.get(image).status == 200);
  CHECK(stack.get(image + "/thumbnail").status == 200);
}

/// Each job ends as it has to: nothing is lost, and nothing that was finished is done once more.
void check_finished(const service_stack& stack, const left_jobs& jobs) {
  for (const auto& [state, id] : jobs) {
    INFO(state << ' ' << id);
    const auto job = stack.final_job(id);
    const bool ended_before = state == "failed" || state == "cancelled";
    CHECK(text_at(job, {"status"}) == (ended_before ? state : "completed"));
    if (!ended_before) {
      check_picture(stack, job);
    }
    // The kill took the answer to the first call of each that was interrupted.
    const auto& calls = *at(job, {"providerCalls"}).as<adapters::json_value::array>();
    if (state == "interrupted") {
      REQUIRE(calls.size() == 2);
      CHECK(text_at(calls[0], {"state"}) == "ambiguous");
      CHECK(text_at(calls[1], {"state"}) == "settled");
    }
  }
  CHECK(stack.sim_count({"generateCalls"}) == 4);
}

/// A dead letter of that release can be retried, and what it has not delivered is known.
void check_goes_on(service_stack& stack, const left_jobs& jobs) {
  const auto failed = std::ranges::find(jobs, "failed", &left_jobs::value_type::first);
  REQUIRE(failed != jobs.end());
  const auto open = stack.get("/worker/notifications?limit=100").json();
  std::string known;
  for (const auto& each : *at(open, {"notifications"}).as<adapters::json_value::array>()) {
    known += text_at(each, {"jobId"}) + ' ';
  }
  CHECK(holds(known, failed->second));
  CHECK(stack.call("POST", "/worker/jobs/" + failed->second + "/retry").status == 202);
  // It asks the sim for a refusal, so that it fails again; its call is one more.
  CHECK(text_at(stack.final_job(failed->second), {"status"}) == "failed");
  CHECK(stack.sim_count({"generateCalls"}) == 5);
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
}

void check_opened(const left_behind& left, const environment& store) {
  const left_jobs jobs = left.jobs();
  service_stack stack{left.settings(store)};
  check_finished(stack, jobs);
  check_goes_on(stack, jobs);

  // And what this one has made of it is opened again.
  const auto states = job_states([&](const std::string& path) { return stack.get(path).json(); });
  REQUIRE(stack.worker().stop() == 0);
  stack.start_worker();
  CHECK(job_states([&](const std::string& path) { return stack.get(path).json(); }) == states);
}

}  // namespace

TEST_CASE("what an earlier release has left in SQLite is finished by this one") {
  check_opened(left_behind{"sqlite"}, {});
}

TEST_CASE("what an earlier release has left in Redis is finished by this one") {
  const left_behind left{"redis"};
  const temporary_folder folder;
  fs::copy_file(left.file("dump.rdb"), folder.path() / "dump.rdb");
  const redis_process redis{{"--dir", folder.path().string(), "--appendonly", "no"}};
  check_opened(left, {{"QUEUE_BACKEND", "redis"}, {"REDIS_URL", redis.url()}});
}

TEST_CASE("what a later release has left is refused, with both versions, and stays as it is") {
  const left_behind left{"sqlite"};
  auto database = adapters::sqlite_database::open(left.data() / "jobs.db");
  REQUIRE(database);
  REQUIRE(database->exec("UPDATE schema_versions SET version = 42"));
  const auto contents = [&] {
    auto rows = database->prepare(
        "SELECT group_concat(status || hex(data)) || (SELECT group_concat(schema || version)"
        " FROM schema_versions) FROM jobs"
    );
    REQUIRE(rows);
    return rows
        ->first([](const adapters::sqlite_statement& row) { return std::string{row.text(0)}; })
        .value();
  };
  const auto before = contents();
  REQUIRE(before);
  const auto refused =
      run_program(STAYLER_WORKER, {}, worker_environment(left.data(), "http://127.0.0.1:9"));
  CHECK(refused.exit_code == 1);
  INFO(refused.output);
  CHECK(holds(refused.output, "jobs.db: schema \"job_store\" has version 42"));
  CHECK(holds(refused.output, "this one knows versions up to "));
  CHECK(contents() == before);
}
