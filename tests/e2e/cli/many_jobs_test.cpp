// SPDX-License-Identifier: MIT
// Changes of all jobs that match: preview, question, token, operation.
#include "tests/e2e/cli/cli_run.hpp"

using namespace stayler;
using namespace stayler::test;

namespace {

/// Dead letters of one kind.
std::vector<std::string> make_dead_letters(service_stack& stack, int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    ids.push_back(stack.submit({"", "ann", "[[sim:safety x9]]", ""}));
    static_cast<void>(stack.final_job(ids.back()));
  }
  return ids;
}

std::int64_t failed_jobs(const service_stack& stack) {
  return number_at(stack.get("/worker/status").json(), {"failedJobs"});
}

}  // namespace

TEST_CASE("dead letters are listed, and grouped by what they died of") {
  service_stack stack;
  const auto ids = make_dead_letters(stack, 2);
  CHECK(holds(run_cli(stack, {"dead"}).out, ids[0]));
  CHECK(run_cli(stack, {"dead", "list", "-o", "id"}).out == ids[1] + "\n" + ids[0] + "\n");
  const auto groups = run_cli(stack, {"dead", "groups", "--json"}).json();
  CHECK(number_at(groups, {"groups", "0", "count"}) == 2);
  CHECK(holds(run_cli(stack, {"dead", "groups"}).out, "safety_blocked"));
}

TEST_CASE("nothing is changed in a pipe without --yes, and a dry run changes nothing at all") {
  service_stack stack;
  make_dead_letters(stack, 2);
  const auto refused = run_cli(stack, {"dead", "drop", "class:safety_blocked"});
  CHECK(refused.exit_code == 2);
  CHECK(holds(refused.error, "say --yes"));
  const auto preview = run_cli(stack, {"dead", "drop", "class:safety_blocked", "--dry-run"});
  CHECK(preview.exit_code == 0);
  CHECK(holds(preview.out, "drop: 2 jobs (2 failed)"));
  CHECK(failed_jobs(stack) == 2);
  const auto json = run_cli(stack, {"retry", "class:safety_blocked", "--dry-run", "--json"}).json();
  CHECK(number_at(json, {"count"}) == 2);
  CHECK(holds(run_cli(stack, {"dead", "drop"}).error, "no filter is given"));
  CHECK(run_cli(stack, {"cancel"}).exit_code == 2);
}

TEST_CASE("dead drop asks for the number of jobs on a terminal") {
  service_stack stack;
  make_dead_letters(stack, 2);
  const auto no = run_cli_on_terminal(
      stack, {"dead", "drop", "class:safety_blocked"}, {{"Type 2 to do it: ", "y"}}
  );
  INFO(no.out);
  CHECK(no.exit_code == 1);
  CHECK(failed_jobs(stack) == 2);
  const auto yes = run_cli_on_terminal(
      stack, {"dead", "drop", "class:safety_blocked"}, {{"Type 2 to do it: ", "2"}}
  );
  INFO(yes.out);
  CHECK(yes.exit_code == 0);
  CHECK(holds(yes.out, "drop: 2 of 2 jobs"));
  CHECK(failed_jobs(stack) == 0);
}

TEST_CASE("dead retry of a group tries all of it again, and one id is as good") {
  service_stack stack;
  const auto ids = make_dead_letters(stack, 2);
  const auto groups = run_cli(stack, {"dead", "groups", "--json"}).json();
  const auto group = "group:" + text_at(groups, {"groups", "0", "group"});
  const auto run = run_cli(stack, {"dead", "retry", group, "--yes", "--json"});
  INFO(run.error);
  CHECK(run.exit_code == 0);
  CHECK(number_at(run.json(), {"done"}) == 2);
  stack.wait_for_quiet(std::chrono::seconds{20});
  CHECK(run_cli(stack, {"dead", "retry", ids[0], "-y"}).exit_code == 0);
  stack.wait_for_quiet(std::chrono::seconds{20});
  CHECK(run_cli(stack, {"retry", ids[0]}).exit_code == 0);
}

TEST_CASE("cancel by a filter stops what waits, after a yes on the terminal") {
  service_stack stack{{{"WORKER_MAX_WORKERS", "1"}}, {"--latency", "20s"}};
  static_cast<void>(stack.submit({"", "bob", "", ""}));
  wait_until("the call is under way", [&] { return stack.sim_count({"inFlight"}) == 1; });
  static_cast<void>(stack.submit());
  static_cast<void>(stack.submit());
  const auto run = run_cli_on_terminal(stack, {"cancel", "user:ann"}, {{"cancel 2 jobs at ", "y"}});
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(number_at(stack.get("/worker/status").json(), {"cancelledJobs"}) == 2);
}
