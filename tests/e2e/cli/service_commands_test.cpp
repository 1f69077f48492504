// SPDX-License-Identifier: MIT
// Commands about the service: what it is, how it is set, what it has done.
#include "tests/e2e/cli/cli_run.hpp"
#include "tests/support/free_port.hpp"

#include <fstream>

using namespace stayler;
using namespace stayler::test;

TEST_CASE("workers, nodes, tree, provider and costs are shown, each as JSON as well") {
  service_stack stack;
  static_cast<void>(stack.final_job(stack.submit()));
  const std::vector<std::pair<std::string, std::string>> shown{
      {"worker", "worker-1"},    {"workers", "WORKS ON"}, {"node", "WORKERS"},
      {"tree", "core/notifier"}, {"provider", "breaker"}, {"costs", "USER"}};
  for (const auto& [command, text] : shown) {
    const auto run = run_cli(stack, {command});
    INFO(command << ": " << run.out << run.error);
    CHECK(run.exit_code == 0);
    CHECK(holds(run.out, text));
    CHECK(run_cli(stack, {command, "--json"}).json().type_name() == "an object");
  }
  CHECK(holds(run_cli(stack, {"costs", "--csv"}).out, ",ann,1,"));
}

TEST_CASE("config get shows one value in a pipe; set shows what changes, and asks") {
  service_stack stack;
  CHECK(run_cli(stack, {"config", "get", "maxWorkers"}).out == "5\n");
  CHECK(run_cli(stack, {"config", "get", "WORKER_MAX_WORKERS"}).out == "5\n");
  CHECK(run_cli(stack, {"config", "get", "maxWorkerz"}).exit_code == 5);
  CHECK(run_cli(stack, {"config", "set", "maxWorkers=2"}).exit_code == 2);
  const auto no =
      run_cli_on_terminal(stack, {"config", "set", "maxWorkers=2"}, {{"change that at ", "n"}});
  CHECK(no.exit_code == 1);
  CHECK(run_cli(stack, {"config", "get", "maxWorkers"}).out == "5\n");
  const auto yes =
      run_cli_on_terminal(stack, {"config", "set", "maxWorkers=2"}, {{"change that at ", "y"}});
  INFO(yes.out);
  CHECK(yes.exit_code == 0);
  CHECK(run_cli(stack, {"config", "get", "maxWorkers"}).out == "2\n");
  const auto bad = run_cli(stack, {"config", "set", "maxWorkers=0", "-y"});
  CHECK(bad.exit_code == 1);
  CHECK(holds(bad.error, "maxWorkers"));
  const auto unknown = run_cli(stack, {"config", "set", "maxWorkerz=2", "-y"});
  CHECK(unknown.exit_code == 2);
  CHECK(holds(unknown.error, "the nearest is maxWorkers"));
  const auto nested = run_cli(
      stack, {"config", "set", "RETRY_MAX_RETRIES=4", "retry.jitter=false", "--dry-run", "--json"}
  );
  CHECK(size_at(nested.json(), {"changes"}) == 2);
}

TEST_CASE("config diff names what a settings file has otherwise, and ends with 10") {
  service_stack stack;
  const auto file = stack.folder() / "worker.env";
  std::ofstream{file} << "WORKER_MAX_WORKERS=7\nRETRY_INITIAL_DELAY=0.05s\nWORKER_HTTP_PORT=9999\n"
                         "GEMINI_API_KEY=hunter2\n";
  const auto run = run_cli(stack, {"config", "diff", file.string()});
  INFO(run.out << run.error);
  CHECK(run.exit_code == 10);
  CHECK(holds(run.out, "maxWorkers"));
  CHECK(holds(run.out, "httpPort"));
  // The same length of time, written otherwise.
  CHECK_FALSE(holds(run.out, "initialDelay"));
  CHECK_FALSE(holds(run.out + run.error, "hunter2"));
  std::ofstream{file} << "WORKER_MAX_WORKERS=5\n";
  CHECK(run_cli(stack, {"config", "diff", file.string()}).exit_code == 0);
}

TEST_CASE("pause, resume, worker stop and worker start change what is given out") {
  service_stack stack;
  CHECK(run_cli(stack, {"pause", "image_conversion"}).exit_code == 0);
  CHECK(holds(stack.get("/worker/status").body, R"("pausedTypes":["image_conversion"])"));
  CHECK(run_cli(stack, {"resume", "image_conversion"}).exit_code == 0);
  const auto paused =
      run_cli(stack, {"pause", "image_conversion", "--for", "30m", "--reason", "switching keys"});
  CHECK(paused.exit_code == 0);
  CHECK(holds(paused.out, "image_conversion is paused until 20"));
  const auto stats = run_cli(stack, {"stats"});
  CHECK(holds(stats.out, "running; image_conversion paused, ends in "));
  CHECK(holds(stats.out, ": switching keys"));
  CHECK(holds(run_cli(stack, {"doctor"}).out, "switching keys"));
  const auto refused = run_cli(stack, {"pause", "image_conversion", "--for", "9999h"});
  CHECK(refused.exit_code != 0);
  CHECK(holds(refused.error, "for must be from 1s to 744h, not 9999h"));
  CHECK(run_cli(stack, {"resume", "image_conversion"}).exit_code == 0);
  CHECK(run_cli(stack, {"pause", "no_type"}).exit_code == 2);
  CHECK(run_cli(stack, {"worker", "stop"}).exit_code == 2);
  CHECK(run_cli(stack, {"worker", "stop", "--yes", "--timeout", "30s"}).exit_code == 0);
  const auto doctor = run_cli(stack, {"doctor"});
  CHECK(doctor.exit_code == 10);
  CHECK(holds(doctor.out, "stayler worker start"));
  CHECK(run_cli(stack, {"worker", "start"}).exit_code == 0);
  CHECK(run_cli(stack, {"worker", "start"}).exit_code == 6);
}

TEST_CASE("pictures are put, looked at, linked, got and removed") {
  service_stack stack;
  const auto put = run_cli(stack, {"image", "put", std::string{STAYLER_ASSETS} + "/garment.png"});
  REQUIRE(put.exit_code == 0);
  const auto id = put.out.substr(0, put.out.size() - 1);
  CHECK(holds(run_cli(stack, {"image", "info", id}).out, "image/png"));
  CHECK(run_cli(stack, {"image", "get", id}).out.starts_with("\x89PNG"));
  const auto file = stack.folder() / "thumbnail";
  CHECK(run_cli(stack, {"image", "get", id, "--thumbnail", "-o", file.string()}).exit_code == 0);
  CHECK(read_file(file).size() > 100);
  const auto link = run_cli(stack, {"image", "link", id, "--for", "10m"});
  CHECK(exchange("GET", link.out.substr(0, link.out.size() - 1)).status == 200);
  CHECK(run_cli(stack, {"image", "rm", id}).exit_code == 2);
  CHECK(run_cli(stack, {"image", "rm", id, "-y"}).exit_code == 0);
  CHECK(run_cli(stack, {"image", "get", id}).exit_code == 5);
  CHECK(run_cli(stack, {"image"}).exit_code == 2);
}

TEST_CASE("tail follows events, and goes on after the one that it is told") {
  service_stack stack;
  running_cli tail{stack, {"tail", "--jsonl", "user:ann", "status:completed", "--count", "1"}};
  tail.wait_for("following http");
  const auto id = stack.submit();
  const auto ended = tail.wait();
  CHECK(ended.exit_code == 0);
  const auto event = ended.json();
  CHECK(text_at(event, {"data", "jobId"}) == id);
  CHECK(text_at(event, {"data", "status"}) == "completed");
  const auto later = stack.submit();
  const auto next =
      run_cli(stack, {"tail", "--jsonl", "--from", text_at(event, {"id"}), "--count", "1"});
  CHECK(text_at(next.json(), {"data", "jobId"}) == later);
  CHECK(run_cli(stack, {"tail", "conversion:c-1"}).exit_code == 2);
}

TEST_CASE("tail and watch connect again when the service comes back, and miss nothing") {
  service_stack stack{
      {{"WORKER_HTTP_PORT", std::to_string(free_port())}, {"WORKER_SHUTDOWN_TIMEOUT", "100ms"}},
      {"--latency", "2s"}};
  running_cli tail{stack, {"tail", "status:completed", "--count", "1"}};
  tail.wait_for("following http");
  const auto id = stack.submit();
  running_cli watch{stack, {"watch", id}};
  watch.wait_for("converting");
  CHECK(stack.worker().stop() == 0);
  tail.wait_for("connecting again");
  watch.wait_for("reconnecting");
  stack.start_worker();
  const auto watched = watch.wait();
  INFO(watched.error);
  CHECK(watched.exit_code == 0);
  CHECK(holds(watched.out, id + "  completed"));
  const auto tailed = tail.wait();
  CHECK(tailed.exit_code == 0);
  CHECK(holds(tailed.out, id));
}

TEST_CASE("tail gives up with 7 when the service stays away") {
  service_stack stack;
  running_cli tail{stack, {"tail", "--give-up", "500ms"}};
  tail.wait_for("following http");
  CHECK(stack.worker().stop() == 0);
  const auto ended = tail.wait();
  CHECK(ended.exit_code == 7);
  CHECK(holds(ended.error, "connecting again"));
}

TEST_CASE("the audit trail shows what was changed, and notifications what waits") {
  service_stack stack{{{"WORKER_WEBHOOK_URL", "http://127.0.0.1:1/hook"}}};
  CHECK(run_cli(stack, {"config", "set", "maxWorkers=2", "-y"}).exit_code == 0);
  const auto trail = run_cli(stack, {"audit", "--action", "PUT /worker/config", "--since", "1h"});
  INFO(trail.error);
  CHECK(holds(trail.out, "maxWorkers: 5 -> 2"));
  static_cast<void>(stack.final_job(stack.submit()));
  wait_until("the notification has failed once", [&] {
    return holds(run_cli(stack, {"notifications"}).out, "unreachable");
  });
  const auto list = run_cli(stack, {"notification", "--json"}).json();
  const auto id = text_at(list, {"notifications", "0", "id"});
  CHECK(run_cli(stack, {"notification", "redeliver", id}).exit_code == 0);
  CHECK(run_cli(stack, {"notification", "redeliver"}).exit_code == 2);
  CHECK(run_cli(stack, {"notification", "redeliver", "--all"}).exit_code == 0);
  CHECK(run_cli(stack, {"notification", "redeliver", "no-such"}).exit_code == 5);
}
