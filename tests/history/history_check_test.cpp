// SPDX-License-Identifier: MIT
#include "tests/history/history_check.hpp"

#include "adapters/job_store/decorators/history_job_store.hpp"
#include "adapters/job_store/memory/memory_job_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <fstream>
#include <sstream>

namespace stayler::test {

namespace {

/// A history in short: "event token [detail]".
history_report check(
    const std::vector<std::string>& steps, const history_claims& claims = {}, int processes = 1
) {
  const temporary_folder folder;
  const auto file = folder.path() / "history";
  std::ofstream out{file};
  for (int i = 0; i < processes; ++i) {
    out << R"({"event":"opened","job":"","token":0})" << '\n';
  }
  for (const std::string& step : steps) {
    std::istringstream in{step};
    std::string event;
    std::string detail;
    int token = 0;
    in >> event >> token >> std::ws;
    std::getline(in, detail);
    out << R"({"event":")" << event << R"(","job":"j","token":)" << token << R"(,"detail":")"
        << detail << "\"}\n";
  }
  out.close();
  return check_history({&file, 1}, claims);
}

void check_violated(
    const std::string& promise,
    const std::vector<std::string>& steps,
    const history_claims& claims = {}
) {
  const auto report = check(steps, claims);
  INFO(promise);
  REQUIRE(report.violations.size() == 1);
  CHECK(report.violations[0].find(promise) != std::string::npos);
}

}  // namespace

TEST_CASE("a history that keeps every promise is in order") {
  const auto report = check(
      {"submitted 0", "leased 1 w1", "call_opened 1", "put_back 1 crashed ambiguous", "leased 2 w2",
       "call_opened 2", "call_settled 2 timeout", "put_back 2 failed", "leased 3 w1", "completed 3"}
  );
  CHECK(report.violations.empty());
  CHECK(report.figures.leases == 3);
  CHECK(report.figures.ambiguous_calls == 1);
  CHECK(report.figures.completed == 1);
  CHECK(report.figures.gaps == 0);
  CHECK(check({"submitted 0", "cancelled 0"}).violations.empty());
  CHECK(check({"submitted 0", "leased 1 w", "put_back 1 failed", "cancelled 1"}).violations.empty()
  );
  CHECK(check({"submitted 0", "leased 1 w", "failed 1 failed", "retried 1", "leased 2 w",
               "completed 2"})
            .violations.empty());
}

TEST_CASE("each broken promise is named") {
  check_violated("was given twice", {"submitted 0", "leased 1 w1", "leased 1 w2", "completed 1"});
  check_violated(
      "ended more than once", {"submitted 0", "leased 1 w", "put_back 1 crashed", "completed 1"}
  );
  check_violated(
      "was given after the job had ended as completed",
      {"submitted 0", "leased 1 w", "completed 1", "leased 2 w", "completed 2"}
  );
  check_violated(
      "was given after the job had ended as failed failed",
      {"submitted 0", "leased 1 w", "failed 1 failed", "leased 2 w", "completed 2"}
  );
  check_violated(
      "more than one call",
      {"submitted 0", "leased 1 w", "call_opened 1", "call_opened 1", "completed 1"}
  );
  check_violated(
      "after 2 calls of unknown fate",
      {"submitted 0", "leased 1 w", "call_opened 1", "put_back 1 crashed ambiguous", "leased 2 w",
       "call_opened 2", "put_back 2 crashed ambiguous", "leased 3 w", "completed 3"}
  );
  check_violated("has no end", {"submitted 0", "leased 1 w"});
  check_violated("is lost", {"submitted 0", "cancelled 0"}, {{"j", "another"}, {}, 1});
  check_violated(
      "is pending at the end", {"submitted 0", "leased 1 w", "put_back 1 failed"},
      {{}, {{"j", "pending"}}, 1}
  );
  check_violated(
      "and is failed in the store", {"submitted 0", "leased 1 w", "completed 1"},
      {{}, {{"j", "failed"}}, 1}
  );
  check_violated(
      "not in the store", {"submitted 0", "cancelled 0"}, {{}, {{"other", "failed"}}, 1}
  );
  check_violated("more gaps", {"submitted 0", "leased 1 w", "leased 2 w", "completed 2"});
  check_violated("unknown event", {"submitted 0", "cancelled 0", "exploded 0"});
}

TEST_CASE("a line that a kill kept from being written is a gap, not a violation") {
  const auto report = check({"submitted 0", "leased 1 w", "leased 2 w", "completed 2"}, {}, 2);
  CHECK(report.violations.empty());
  CHECK(report.figures.gaps == 1);
}

TEST_CASE("a history store writes the history of its jobs") {
  using namespace adapters;
  const temporary_folder folder;
  const auto file = folder.path() / "history";
  auto store = open_history_job_store(make_memory_job_store(), file, "p1");
  REQUIRE(store);
  const timestamp now{milliseconds{1'800'000'000'000}};
  job j;
  j.id = job_id{make_uuid_v7(now)};
  j.request.user_id = "ann";
  const auto execute = [&](store_change change) {
    return (*store)->execute({&change, 1}, now).replies.front();
  };
  execute(store_op::enqueue{j});
  execute(store_op::enqueue{j});
  const job leased = execute(store_op::claim{{"w1"}, "p1", milliseconds{1'000}}).jobs.at(0);
  execute(store_op::open_call{current_attempt(leased)});
  execute(store_op::settle_call{current_attempt(leased), {error_class::none}});
  execute(store_op::complete{current_attempt(leased), {}});
  execute(store_op::complete{{j.id, fencing_token{9}}, {}});
  const auto report =
      check_history({&file, 1}, {{to_string(j.id)}, {{to_string(j.id), "completed"}}, 1});
  CHECK(report.violations.empty());
  CHECK(report.figures.jobs == 1);
  CHECK(report.figures.leases == 1);
  CHECK(report.figures.calls == 1);
  CHECK(report.figures.completed == 1);
  CHECK(report.figures.gaps == 0);
}

}  // namespace stayler::test
