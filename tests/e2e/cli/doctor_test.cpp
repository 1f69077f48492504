// SPDX-License-Identifier: MIT
// stayler doctor: what it finds in a running service, and in a settings file.
#include "tests/e2e/cli/cli_run.hpp"
#include "tests/support/free_port.hpp"

#include <fstream>
#include <sys/stat.h>

using namespace stayler;
using namespace stayler::test;

TEST_CASE("doctor finds nothing that has failed in a service that is well") {
  service_stack stack;
  const auto run = run_cli(stack, {"doctor"});
  INFO(run.out << run.error);
  CHECK(run.exit_code == 0);
  for (const auto* check :
       {"address", "key", "clocks", "queue", "storage", "codec", "provider_setup", "ready",
        "dispatch", "workers", "provider", "web hook", "disk"}) {
    CHECK(holds(run.out, check));
  }
  CHECK(holds(run.out, " 0 failed"));
  const auto json = run_cli(stack, {"doctor", "--json"});
  CHECK(json.exit_code == 0);
  CHECK(number_at(json.json(), {"failed"}) == 0);
}

TEST_CASE("doctor ends with 10 where the service is away, or wants a key that is not given") {
  const auto away = run_cli({"doctor", "--url", "http://127.0.0.1:" + std::to_string(free_port())});
  CHECK(away.exit_code == 10);
  CHECK(holds(away.out, "fail  address"));
  CHECK(holds(away.out, "do: is the service running?"));
  service_stack stack{
      {{"WORKER_API_KEYS",
        "ann:admin:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}}};
  const auto keyless = run_cli(stack, {"doctor"});
  CHECK(keyless.exit_code == 10);
  CHECK(holds(keyless.out, "fail  key"));
  CHECK(holds(keyless.out, "--new-key"));
  const auto known = run_cli(stack, {"doctor"}, {{"STAYLER_API_KEY", "secret"}});
  CHECK(known.exit_code == 0);
  CHECK(holds(known.out, "ann (from STAYLER_API_KEY): role admin, for all users"));
}

TEST_CASE("doctor says what to do for dead letters, paused types and a bad provider setup") {
  service_stack stack{{{"GEMINI_MODEL", "no-such-model"}}};
  CHECK(run_cli(stack, {"pause", "image_processing"}).exit_code == 0);
  wait_until("the setup has been looked at", [&] {
    return holds(stack.get("/health").body, "no-such-model");
  });
  const auto run = run_cli(stack, {"doctor"});
  INFO(run.out);
  CHECK(holds(run.out, "stayler resume image_processing"));
  CHECK(holds(run.out, "GEMINI_MODEL"));
}

TEST_CASE("doctor --config explains each line of a settings file that is wrong") {
  const temporary_folder folder;
  const auto file = folder.path() / "worker.env";
  std::ofstream{file} << "GEMINI_API_KEY=hunter2\nWORKER_MAX_WORKERS=many\nWORKER_MAX_WORKER=4\n"
                         "WORKER_DATA_DIR="
                      << folder.path().string() << "\n";
  ::chmod(file.c_str(), 0644);
  const auto run = run_cli({"doctor", "--config", file.string()});
  INFO(run.out << run.error);
  CHECK(run.exit_code == 10);
  CHECK(holds(run.out, "fail  WORKER_MAX_WORKERS"));
  CHECK(holds(run.out, "do: allowed: 1 to 10000. How many jobs"));
  CHECK(holds(run.out, "the nearest is WORKER_MAX_WORKERS"));
  CHECK(holds(run.out, "chmod 600"));
  CHECK_FALSE(holds(run.out, "hunter2"));
  std::ofstream{file} << "GEMINI_API_KEY=hunter2\nWORKER_DATA_DIR=" << folder.path().string()
                      << "\n";
  ::chmod(file.c_str(), 0600);
  const auto good = run_cli({"doctor", "--config", file.string()});
  INFO(good.out << good.error);
  CHECK(good.exit_code == 0);
  CHECK(holds(good.out, "GiB free"));
  CHECK(run_cli({"doctor", "--config", "/no/such/file"}).exit_code == 2);
}
