// SPDX-License-Identifier: MIT
// Commands about one job, or lists of them.
#include "tests/e2e/cli/cli_run.hpp"

using namespace stayler;
using namespace stayler::test;

TEST_CASE("list shows a table for people, ids for pipes and JSON for programs") {
  service_stack stack;
  const auto id = stack.submit();
  static_cast<void>(stack.final_job(id));
  const auto table = run_cli(stack, {"list"});
  CHECK(table.exit_code == 0);
  CHECK(table.out.starts_with("ID "));
  CHECK(holds(table.out, id));
  CHECK(holds(table.out, "completed"));
  CHECK_FALSE(holds(table.out, "\x1b"));
  CHECK(run_cli(stack, {"list", "-o", "id"}).out == id + "\n");
  CHECK(text_at(run_cli(stack, {"list", "--json"}).json(), {"jobs", "0", "id"}) == id);
  const auto fields = run_cli(stack, {"job", "list", "--json=id,progress.percent"});
  CHECK(
      fields.out
      == R"({"jobs":[{"id":")" + id
             + R"(","progress.percent":100}],"nextCursor":null})"
               "\n"
  );
  CHECK(holds(run_cli(stack, {"list", "--columns", "user,id"}).out, "USER  ID"));
  const auto column = run_cli(stack, {"list", "--columns", "colour"});
  CHECK(column.exit_code == 2);
  CHECK(holds(column.error, "there are id, status"));
}

TEST_CASE("list takes filter words, says what it left out, and finds the rest with --all") {
  service_stack stack;
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(stack.final_job(stack.submit({"", i == 0 ? "bob" : "ann", "", ""})));
  }
  CHECK(holds(run_cli(stack, {"list", "user:bob"}).out, "bob"));
  CHECK_FALSE(holds(run_cli(stack, {"list", "user:bob"}).out, "ann"));
  const auto ids_by_flag = run_cli(stack, {"list", "--user", "bob", "-o", "id"}).out;
  CHECK(ids_by_flag.size() == 37);
  CHECK(ids_by_flag == run_cli(stack, {"list", "user:bob", "-o", "id"}).out);
  const auto none = run_cli(stack, {"list", "status:failed"});
  CHECK(none.exit_code == 0);
  CHECK(none.out.empty());
  CHECK(holds(none.error, "none match"));
  const auto part = run_cli(stack, {"list", "--limit", "2", "since:1h"});
  CHECK(holds(part.error, "the newest 2; there are more"));
  CHECK(run_cli(stack, {"list", "--all", "-o", "id"}).out.size() == std::size_t{3} * 37);
  CHECK(run_cli(stack, {"list", "since:yesterday"}).exit_code == 2);
}

TEST_CASE("colours are on terminals alone, and NO_COLOR takes them away") {
  service_stack stack;
  static_cast<void>(stack.final_job(stack.submit()));
  CHECK(holds(run_cli_on_terminal(stack, {"list"}).out, "\x1b[32mcompleted"));
  CHECK_FALSE(holds(run_cli_on_terminal(stack, {"list"}, {}, {{"NO_COLOR", "1"}}).out, "\x1b["));
  CHECK(holds(run_cli(stack, {"list", "--color", "always"}).out, "\x1b[32m"));
}

TEST_CASE("get finds a job by the beginning of its id, and downloads its picture") {
  service_stack stack;
  const auto id = stack.submit();
  static_cast<void>(stack.final_job(id));
  const auto shown = run_cli(stack, {"get", id.substr(0, 13)});
  INFO(shown.error);
  CHECK(shown.exit_code == 0);
  CHECK(holds(shown.out, "status      completed"));
  CHECK(holds(shown.out, "ATTEMPT  WORKER"));
  CHECK(text_at(run_cli(stack, {"get", id, "--json"}).json(), {"id"}) == id);
  const auto file = stack.folder() / "got.jpg";
  CHECK(run_cli(stack, {"get", id, "--image", "-o", file.string()}).exit_code == 0);
  CHECK(read_file(file).size() > 1000);
  const auto missing = run_cli(stack, {"get", "00000000-0000-7000-8000-000000000000"});
  CHECK(missing.exit_code == 5);
  CHECK(holds(missing.error, ", request "));
  CHECK(run_cli(stack, {"get", "ffffffff"}).exit_code == 5);
  CHECK(run_cli(stack, {"get", "no id"}).exit_code == 2);
  const auto refused = run_cli(stack, {"get", "--json", "00000000-0000-7000-8000-000000000000"});
  const auto problem = adapters::parse_json(refused.error);
  REQUIRE(problem);
  CHECK(text_at(*problem, {"error"}) == "not_found");
  CHECK(number_at(*problem, {"exitCode"}) == 5);
}

TEST_CASE("watch follows a job to its end, and says 3 where it fails") {
  service_stack stack{{}, {"--latency", "300ms"}};
  const auto good = stack.submit();
  const auto bad = stack.submit({"", "ann", "[[sim:safety x9]]", ""});
  const auto run = run_cli(stack, {"watch", good});
  CHECK(run.exit_code == 0);
  CHECK(holds(run.out, good + "  completed"));
  CHECK(run_cli(stack, {"watch", bad}).exit_code == 3);
  const auto both = run_cli(stack, {"watch", good, bad});
  CHECK(both.exit_code == 3);
  CHECK(holds(both.out, bad + "  failed"));
}

TEST_CASE("why says what a job waits for, and the command that helps") {
  service_stack stack;
  REQUIRE(run_cli(stack, {"pause", "image_conversion"}).exit_code == 0);
  const auto waiting = stack.submit();
  // The service looks once a second why jobs wait.
  wait_until("the job's reason is known", [&] {
    return text_at(stack.get("/worker/jobs/" + waiting).json(), {"waiting", "reason"}) == "paused";
  });
  const auto why = run_cli(stack, {"why", waiting});
  CHECK(why.exit_code == 0);
  CHECK(holds(why.out, "Its type is paused."));
  CHECK(holds(why.out, "stayler resume image_conversion"));
  REQUIRE(run_cli(stack, {"resume", "image_conversion"}).exit_code == 0);
  static_cast<void>(stack.final_job(waiting));
  CHECK(holds(run_cli(stack, {"why", waiting}).out, "it is completed"));
  const auto failed = stack.submit({"", "ann", "[[sim:safety x9]]", ""});
  static_cast<void>(stack.final_job(failed));
  const auto told = run_cli(stack, {"why", failed});
  CHECK(holds(told.out, "safety_blocked"));
  CHECK(holds(told.out, "stayler retry " + failed));
}

TEST_CASE("rerun makes a new job of one that has ended, and names it") {
  service_stack stack{{}, {"--latency", "300ms"}};
  const auto first = stack.submit();
  const auto early = run_cli(stack, {"rerun", first});
  CHECK(early.exit_code == 6);
  CHECK(holds(early.error, "stayler why " + first));
  static_cast<void>(stack.final_job(first));
  const auto run = run_cli(stack, {"rerun", first, "--json=id,rerunOf"});
  CHECK(run.exit_code == 0);
  CHECK(holds(run.out, R"("rerunOf":")" + first));
  const auto keyed = run_cli(stack, {"rerun", first, "--idempotency-key", "again"});
  CHECK(holds(keyed.out, "job " + first + " runs again as job "));
  CHECK(run_cli(stack, {"rerun", "01936d4e-0000-7000-8000-000000000000"}).exit_code == 5);
}

TEST_CASE("cancel, retry and next change one job, and a wrong state is 6") {
  service_stack stack{{{"WORKER_MAX_WORKERS", "1"}}, {"--latency", "20s"}};
  const auto running = stack.submit();
  wait_until("the call is under way", [&] { return stack.sim_count({"inFlight"}) == 1; });
  const auto waiting = stack.submit();
  CHECK(holds(run_cli(stack, {"next", waiting}).out, "is next"));
  const auto cancelled = run_cli(stack, {"cancel", running});
  CHECK(cancelled.exit_code == 0);
  CHECK(holds(cancelled.out, "is cancelled; a call was under way and may be billed"));
  const auto again = run_cli(stack, {"cancel", running});
  CHECK(again.exit_code == 6);
  CHECK(holds(again.error, "stayler get " + running));
  CHECK(run_cli(stack, {"retry", running}).exit_code == 6);
  const auto several = run_cli(stack, {"cancel", running, waiting});
  CHECK(several.exit_code == 9);
  CHECK(holds(several.out, waiting + " is cancelled"));
}
