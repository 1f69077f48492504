// SPDX-License-Identifier: MIT
// Records in the application's own PostgreSQL: conversions go through, also past kill -9 of the
// service and past a server that is away.
#include "adapters/postgres/postgres_database.hpp"
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/application_tables.hpp"
#include "tests/support/servers/postgres/postgres_process.hpp"

#include <csignal>
#include <fstream>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

const std::string wish = "2c000000-0000-4000-8000-000000000001";
const std::string ann = "0a000000-0000-4000-8000-000000000002";

/// A server with the tables that the application has made, and a conversion that it has entered.
struct application {
  postgres_process server;
  std::string url = server.new_database();
  adapters::postgres_database database{{url}};

  application() {
    for (const char* statement : application_tables) {
      ask(statement);
    }
    ask("INSERT INTO conversions VALUES ('" + wish + "', '" + ann + "', NULL, NULL, 'pending')");
  }

  adapters::postgres_rows ask(const std::string& sql) {
    auto answer = database.query(sql);
    INFO(sql << ": " << (answer ? "" : answer.error().message));
    REQUIRE(answer);
    return std::move(*answer);
  }

  /// The one value that the statement asks for; empty while there is no row.
  std::string value(const std::string& sql) {
    const auto rows = ask(sql);
    return rows.size() == 0 ? "" : rows.text(0, 0);
  }
};

environment on(const application& app) {
  return {
      {"DATABASE_URL", app.url},
      {"WORKER_MAX_RETRIES", "100"},
      {"RETRY_MAX_RETRIES", "100"},
      {"RETRY_MAX_DELAY", "500ms"}};
}

}  // namespace

TEST_CASE("a conversion is recorded where the application looks for it") {
  application app;
  service_stack stack{on(app)};
  const auto id = stack.submit({wish, ann, "", ""});
  const auto job = stack.final_job(id);
  INFO(stack.get("/worker/jobs/" + id).body);
  REQUIRE(text_at(job, {"status"}) == "completed");
  const std::string picture = text_at(job, {"result", "imageId"});
  CHECK(
      app.value("SELECT concat_ws(' ', c.status, i.id, i.type, i.user_id = c.user_id,"
                " c.completed_at >= c.created_at, c.user_image_id) FROM conversions c"
                " JOIN images i ON i.id = c.result_image_id")
      == "completed " + picture + " result t t " + stack.person()
  );
  CHECK(stack.get("/images/" + picture).status == 200);
  wait_until("the event is known to be delivered", [&] {
    return app.value("SELECT state FROM stayler_outbox WHERE event_id = '" + id + "-completed'")
           == "delivered";
  });
  CHECK(app.value("SELECT sum(calls) FROM stayler_spending") == "1");
  CHECK_FALSE(std::filesystem::exists(stack.folder() / "data" / "stayler.db"));
  CHECK(text_at(stack.get("/worker/config").json(), {"databaseUrl"}) == "***");
  CHECK(stack.worker().stop() == 0);
  CHECK_FALSE(holds(stack.worker().output(), postgres_process::password));
}

TEST_CASE("kill -9 of the service leaves records that the next start goes on with") {
  application app;
  service_stack stack{on(app), {"--latency", "500ms"}};
  const auto id = stack.submit({wish, ann, "", ""});
  wait_until("the picture is being made", [&] { return stack.sim_count({"inFlight"}) == 1; });
  CHECK(app.value("SELECT status FROM conversions") == "processing");
  stack.worker().signal(SIGKILL);
  REQUIRE(stack.worker().wait(10s) == 128 + SIGKILL);
  stack.start_worker();
  CHECK(text_at(stack.final_job(id), {"status"}) == "completed");
  CHECK(app.value("SELECT status FROM conversions") == "completed");
  CHECK(app.value("SELECT token FROM stayler_conversion_leases") == "2");
}

TEST_CASE("a database that is away is waited for, and no picture is paid for twice") {
  application app;
  service_stack stack{on(app), {"--latency", "500ms"}};
  const auto id = stack.submit({wish, ann, "", ""});
  wait_until("the picture is being made", [&] { return stack.sim_count({"inFlight"}) == 1; });
  const std::string how = GENERATE("stopped", "killed", "hung");
  INFO(how);
  how == "stopped" ? app.server.stop() : how == "killed" ? app.server.kill9() : app.server.pause();
  wait_until("the records are degraded", [&] {
    return text_at(stack.get("/worker/health").json(), {"checks", "database", "status"})
           == "degraded";
  });
  CHECK(stack.get("/health/live").status == 200);
  how == "hung" ? app.server.resume() : app.server.start();
  const auto job = stack.final_job(id, 60s);
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(stack.sim_count({"generateCalls"}) == 1);
  wait_until("all is well again", [&] {
    return text_at(stack.get("/worker/health").json(), {"status"}) == "healthy";
  });
  CHECK(app.value("SELECT status FROM conversions") == "completed");
}

TEST_CASE("tables that do not take a result end the start, before anything is paid for") {
  application app;
  app.ask("ALTER TABLE images ADD CHECK (type IN ('user', 'vendor'))");
  const temporary_folder folder;
  environment settings = worker_environment(folder.path() / "data", "http://127.0.0.1:1");
  settings["DATABASE_URL"] = app.url + "?schema=public&connection_limit=1";
  const auto run = run_program(STAYLER_WORKER, {}, settings);
  CHECK(run.exit_code == 1);
  CHECK(holds(run.output, "images does not take a picture of type 'result'"));
  CHECK(holds(run.output, "images_type_check"));
}

TEST_CASE("a picture that a new rule refuses waits until the rule is gone, and is paid for once") {
  application app;
  service_stack stack{on(app), {"--latency", "500ms"}};
  const std::string table = GENERATE("images", "conversions");
  const std::string rule = table == "images" ? "type <> 'result'" : "status <> 'completed'";
  const auto id = stack.submit({wish, ann, "", ""});
  wait_until("the picture is being made", [&] { return stack.sim_count({"inFlight"}) == 1; });
  app.ask("ALTER TABLE " + table + " ADD CONSTRAINT late CHECK (" + rule + ") NOT VALID");
  wait_until("the picture waits", [&] {
    return holds(stack.worker().output(), "a picture that was made has to wait");
  });
  app.ask("ALTER TABLE " + table + " DROP CONSTRAINT late");
  CHECK(text_at(stack.final_job(id, 60s), {"status"}) == "completed");
  CHECK(stack.sim_count({"generateCalls"}) == 1);
  CHECK(app.value("SELECT status FROM conversions") == "completed");
}

TEST_CASE("a wrong password ends the start, and is not repeated") {
  application app;
  const temporary_folder folder;
  environment settings = worker_environment(folder.path() / "data", "http://127.0.0.1:1");
  const auto word = folder.path() / "url";
  std::ofstream{word} << app.server.url("postgres", "wr0ng") << '\n';
  settings["DATABASE_URL_FILE"] = word.string();
  const auto run = run_program(STAYLER_WORKER, {}, settings);
  CHECK(run.exit_code == 1);
  CHECK(holds(run.output, "28P01"));
  CHECK_FALSE(holds(run.output, "wr0ng"));
}
