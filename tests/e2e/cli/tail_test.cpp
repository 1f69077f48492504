// SPDX-License-Identifier: MIT
// stayler tail --exec and --until-done.
#include "tests/e2e/cli/cli_run.hpp"

#include <array>
#include <csignal>
#include <cstdio>

using namespace stayler;
using namespace stayler::test;

TEST_CASE("tail --exec runs a command for each event, which has it in variables and at stdin") {
  service_stack stack;
  running_cli tail{
      stack,
      {"tail", "user:a$(touch x)", "status:completed", "--count", "1", "--exec",
       "echo \"$STAYLER_JOB_ID $STAYLER_STATUS $STAYLER_USER_ID\"; cat"}};
  tail.wait_for("following http");
  const auto id = stack.submit({"", "a$(touch x)", "", ""});
  const auto ended = tail.wait();
  INFO(ended.out << ended.error);
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.starts_with(id + " completed a$(touch x)\n{\"id\":"));
  running_cli failing{stack, {"tail", "status:completed", "--count", "1", "--exec", "exit 3"}};
  failing.wait_for("following http");
  static_cast<void>(stack.submit());
  CHECK(failing.wait().exit_code == 9);
}

TEST_CASE("tail --until-done ends with the last job that matches, and with 3 where one has failed"
) {
  service_stack stack{{}, {"--latency", "300ms"}};
  const auto nothing = run_cli(stack, {"tail", "--until-done"});
  CHECK(nothing.exit_code == 0);
  CHECK(nothing.out.empty());
  const auto good = stack.submit();
  const auto other = stack.submit({"", "bob", "[[sim:safety x9]]", ""});
  const auto ann = run_cli(stack, {"tail", "user:ann", "status:completed", "--until-done"});
  CHECK(ann.exit_code == 0);
  CHECK(text_at(stack.get("/worker/jobs/" + good).json(), {"status"}) == "completed");
  static_cast<void>(stack.final_job(other));
  static_cast<void>(stack.submit());
  static_cast<void>(stack.submit({"", "bob", "[[sim:safety x9]]", ""}));
  const auto all = run_cli(stack, {"tail", "status:failed", "--until-done"});
  INFO(all.out << all.error);
  CHECK(all.exit_code == 3);
  CHECK(holds(all.out, "failed"));
  CHECK_FALSE(holds(all.out, "completed"));
}

TEST_CASE("tail ends when nobody reads its pipe any more, also while nothing happens") {
  service_stack stack;
  // The shell's answer to who was the last to end: tail, and with 0.
  const auto run = run_program(
      "/bin/bash", {"-c", "set -o pipefail; " STAYLER_CLI " tail | true; echo ended $?"},
      {{"STAYLER_URL", stack.worker().url()}}
  );
  INFO(run.output);
  CHECK(holds(run.output, "ended 0"));
}
