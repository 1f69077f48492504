// SPDX-License-Identifier: MIT
// Figures, live views, bundles and load.
#include "tests/e2e/cli/cli_run.hpp"

#include <algorithm>
#include <csignal>

using namespace stayler;
using namespace stayler::test;

namespace {

const std::string person_picture = std::string{STAYLER_ASSETS} + "/person.jpg";
const std::string garment_picture = std::string{STAYLER_ASSETS} + "/garment.png";

/// What tar lists, or one file of it.
std::string tar(const std::string& words) {
  const auto run = run_program("/bin/sh", {"-c", "tar " + words}, {});
  INFO(run.output);
  CHECK(run.exit_code == 0);
  return run.output;
}

}  // namespace

TEST_CASE("stats shows counts and how long stages take") {
  service_stack stack;
  static_cast<void>(stack.final_job(stack.submit()));
  const auto run = run_cli(stack, {"stats"});
  CHECK(run.exit_code == 0);
  CHECK(holds(run.out, "completed"));
  CHECK(holds(run.out, "P90"));
  CHECK(number_at(run_cli(stack, {"stats", "--json"}).json(), {"completedJobs"}) == 1);
}

TEST_CASE("top shows a screen on a terminal, which q ends, and lines in a pipe") {
  service_stack stack;
  wait_until("there is a first second", [&] {
    return stack.get("/worker/overview").status == 200;
  });
  const auto lines = run_cli(stack, {"top", "--count", "2"});
  CHECK(lines.exit_code == 0);
  CHECK(holds(lines.out, "workers 0/5"));
  CHECK(std::ranges::count(lines.out, '\n') == 2);
  const auto screen = run_cli_on_terminal(stack, {"top"}, {{"q quits", "q"}});
  CHECK(screen.exit_code == 0);
  CHECK(holds(screen.out, "0 of 5 busy"));
  CHECK(holds(screen.out, "in flight"));
  CHECK(run_cli_on_terminal(stack, {"stats", "--watch"}, {{"q quits", "q"}}).exit_code == 0);
  const environment odd_terminal{{"TERM", "no-such-terminal"}};
  const auto odd = run_cli_on_terminal(stack, {"top", "--count", "1"}, {}, odd_terminal);
  CHECK(holds(odd.out, "workers 0/5"));
  running_cli endless{stack, {"top"}};
  endless.wait_for("workers 0/5");
  endless.signal(SIGINT);
  CHECK(endless.wait().exit_code == 0);
}

TEST_CASE("a bundle has the job and how the service is, and pictures only where asked for") {
  service_stack stack;
  const auto id = stack.submit();
  static_cast<void>(stack.final_job(id));
  const auto file = (stack.folder() / "job.tar.gz").string();
  const auto run = run_cli(stack, {"bundle", id, "-o", file});
  INFO(run.error);
  REQUIRE(run.exit_code == 0);
  CHECK(run.out == file + "\n");
  const auto names = tar("tzf " + file);
  for (const auto* name : {"README.txt", "job.json", "config.json", "tree.json", "audit.json"}) {
    CHECK(holds(names, "stayler-" + id + "/" + name + "\n"));
  }
  CHECK_FALSE(holds(names, "images/"));
  CHECK(holds(tar("xzOf " + file + " stayler-" + id + "/README.txt"), "--with-images"));
  CHECK_FALSE(holds(tar("xzOf " + file), "test-key-3f9a"));
  REQUIRE(run_cli(stack, {"bundle", id, "--with-images", "-o", file}).exit_code == 0);
  CHECK(holds(tar("tzf " + file), "images/result"));
  CHECK(run_cli(stack, {"bundle", "ffffffff"}).exit_code == 5);
}

TEST_CASE("bench submits and waits, and spares services on other machines") {
  service_stack stack;
  const auto run = run_cli(
      stack, {"bench", "--person", person_picture, "--garment", garment_picture, "--jobs", "12",
              "--concurrency", "3", "--json"}
  );
  INFO(run.error);
  CHECK(run.exit_code == 0);
  CHECK(number_at(run.json(), {"submitted"}) == 12);
  CHECK(number_at(run.json(), {"completed"}) == 12);
  const auto elsewhere = run_cli(
      {"bench", "--person", person_picture, "--garment", garment_picture, "--url",
       "http://worker.invalid"}
  );
  CHECK(elsewhere.exit_code == 2);
  CHECK(holds(elsewhere.error, "say --yes"));
  CHECK(run_cli(stack, {"bench"}).exit_code == 2);
}
