// SPDX-License-Identifier: MIT
// What calls cost is known to the cent, but for those that a kill cuts off; budgets are never
// overrun by calls that are answered; what was made once is not paid for again.
#include "tests/e2e/support/service_stack.hpp"

#include <cmath>
#include <csignal>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr double cent = 0.01;

/// A number of dollars, in millionths: exact, so that sums can be compared.
std::int64_t micros_at(
    const adapters::json_value& from, std::initializer_list<std::string_view> path
) {
  const auto* amount = at(from, path).as<double>();
  return amount == nullptr ? number_at(from, path) * 1'000'000 : std::llround(*amount * 1e6);
}

std::int64_t total_cost(const service_stack& stack) {
  return micros_at(stack.get("/worker/costs").json(), {"total", "cost"});
}

/// What the job's ledger says that its calls have cost.
std::int64_t cost_of(const service_stack& stack, const std::string& id) {
  const auto job = stack.get("/worker/jobs/" + id).json();
  std::int64_t sum = 0;
  for (const auto& call : *at(job, {"providerCalls"}).as<adapters::json_value::array>()) {
    sum += text_at(call, {"state"}) == "settled" ? micros_at(call, {"cost"}) : 0;
  }
  return sum;
}

std::int64_t cost_of(const service_stack& stack, const std::vector<std::string>& ids) {
  std::int64_t sum = 0;
  for (const auto& id : ids) {
    sum += cost_of(stack, id);
  }
  return sum;
}

std::vector<std::string> submit_many(
    service_stack& stack, int number, const std::string& user = "ann"
) {
  std::vector<std::string> ids;
  for (int i = 0; i < number; ++i) {
    ids.push_back(stack.submit({"", user, "", ""}));
  }
  return ids;
}

void check_completed(const service_stack& stack, const std::vector<std::string>& ids) {
  for (const auto& id : ids) {
    INFO(stack.get("/worker/jobs/" + id).body);
    CHECK(text_at(stack.final_job(id), {"status"}) == "completed");
  }
}

bool is_held(const adapters::json_value& job) {
  return text_at(job, {"status"}) == "scheduled" && text_at(job, {"error", "class"}) == "held";
}

/// The states of these jobs, once no call is under way and nothing is being worked on.
struct at_rest {
  int completed = 0;
  int held = 0;
  int pending = 0;
};

at_rest wait_for_rest(const service_stack& stack, const std::vector<std::string>& ids) {
  at_rest seen;
  wait_until("nothing more is done", [&] {
    seen = {};
    for (const auto& id : ids) {
      const auto job = stack.get("/worker/jobs/" + id).json();
      seen.completed += text_at(job, {"status"}) == "completed" ? 1 : 0;
      seen.held += is_held(job) ? 1 : 0;
      seen.pending += text_at(job, {"status"}) == "pending" ? 1 : 0;
    }
    const auto all = static_cast<int>(ids.size());
    const bool is_shut = !text_at(stack.get("/worker/provider").json(), {"closedUntil"}).empty();
    return seen.completed + seen.held + (is_shut ? seen.pending : 0) == all && seen.held > 0;
  });
  return seen;
}

void change_gemini(const service_stack& stack, const std::string& member) {
  const auto changed = stack.call("PUT", "/worker/config", R"({"gemini":{)" + member + "}}");
  INFO(changed.body);
  REQUIRE(changed.status == 200);
}

}  // namespace

TEST_CASE("the day's costs add up to those of the jobs' calls, over a restart too") {
  service_stack stack;
  auto ids = submit_many(stack, 6);
  // One that is tried again, one whose picture is paid for and of no use.
  ids.push_back(stack.submit({"", "bob", "[[sim:503 x1]]", ""}));
  ids.push_back(stack.submit({"", "bob", "[[sim:flat-image x1]]", ""}));
  check_completed(stack, ids);
  const auto costs = stack.get("/worker/costs").json();
  CHECK(total_cost(stack) > 0);
  CHECK(number_at(costs, {"total", "calls"}) == 9);
  CHECK(size_at(costs, {"users"}) == 2);
  CHECK(cost_of(stack, ids) == total_cost(stack));
  const auto before = total_cost(stack);
  const int signal = GENERATE(SIGTERM, SIGKILL);
  stack.worker().signal(signal);
  REQUIRE(stack.worker().wait(20s) == (signal == SIGTERM ? 0 : 128 + SIGKILL));
  stack.start_worker();
  // The account is read while the service is ready already.
  wait_until("the account is read", [&] { return total_cost(stack) == before; });
  check_completed(stack, submit_many(stack, 1));
  CHECK(total_cost(stack) > before);
}

TEST_CASE("a kill in the middle of calls loses the account of no others") {
  service_stack stack{{{"WORKER_MAX_WORKERS", "4"}}, {"--latency", "300ms"}};
  const auto ids = submit_many(stack, 12);
  wait_until("some are done and some run", [&] {
    return stack.metric("worker_jobs_completed") >= 4 && stack.sim_count({"inFlight"}) > 0;
  });
  stack.worker().signal(SIGKILL);
  REQUIRE(stack.worker().wait(20s) == 128 + SIGKILL);
  stack.start_worker({{"WORKER_MAX_AMBIGUOUS_CALLS", "9"}});
  check_completed(stack, ids);
  const auto of_one = cost_of(stack, ids.front());
  const auto paid = stack.sim_count({"images"}) * of_one;
  CHECK(total_cost(stack) <= paid);
  CHECK(total_cost(stack) >= paid - 4 * of_one);
  CHECK(total_cost(stack) >= 12 * of_one);
}

TEST_CASE("many workers at once never overrun the day's budget, and what is held goes on by itself"
) {
  constexpr double budget = 0.4;
  service_stack stack{
      {{"GEMINI_BUDGET_PER_DAY", "0.4"}, {"WORKER_MAX_WORKERS", "20"}}, {"--latency", "150ms"}};
  const auto ids = submit_many(stack, 30);
  const at_rest seen = wait_for_rest(stack, ids);
  INFO(seen.completed << " completed, " << seen.held << " held, " << seen.pending << " pending");
  CHECK(seen.completed > 0);
  const auto budget_micros = std::llround(budget * 1e6);
  CHECK(total_cost(stack) <= budget_micros);
  CHECK(total_cost(stack) == cost_of(stack, ids));
  // It is used: less is left than the dearest call could cost.
  CHECK(total_cost(stack) > budget_micros - std::llround(10 * cent * 1e6));
  const auto resets_at = text_at(stack.get("/worker/costs").json(), {"resetsAt"});
  for (const auto& id : ids) {
    const auto job = stack.get("/worker/jobs/" + id).json();
    CHECK(number_at(job, {"retryCount"}) == 0);
    if (is_held(job)) {
      CHECK(text_at(job, {"dueAt"}) >= resets_at);
      CHECK(holds(text_at(job, {"error", "message"}), "budget"));
    }
  }
  wait_until("health says why", [&] {
    const auto health = stack.get("/worker/health").json();
    return holds(text_at(health, {"checks", "gemini", "message"}), "budget of the day is spent");
  });
  SECTION("when the budget is raised") {
    change_gemini(stack, R"("budgetPerDay":9)");
  }
  SECTION("when the next process has a larger one") {
    REQUIRE(stack.worker().stop() == 0);
    stack.start_worker({{"GEMINI_BUDGET_PER_DAY", "9"}});
  }
  check_completed(stack, ids);
  CHECK(total_cost(stack) == cost_of(stack, ids));
}

TEST_CASE("one user's budget holds that user's jobs and nobody else's") {
  service_stack stack{
      {{"GEMINI_BUDGET_PER_USER", "0.2"}, {"WORKER_MAX_WORKERS", "8"}}, {"--latency", "50ms"}};
  const auto of_ann = submit_many(stack, 12, "ann");
  const at_rest seen = wait_for_rest(stack, of_ann);
  CHECK(seen.completed > 0);
  CHECK(cost_of(stack, of_ann) <= 200'000);
  check_completed(stack, submit_many(stack, 1, "bob"));
  CHECK(wait_for_rest(stack, of_ann).completed == seen.completed);
  CHECK(text_at(stack.get("/worker/health").json(), {"checks", "gemini", "status"}) == "healthy");
  change_gemini(stack, R"("budgetPerUser":9)");
  check_completed(stack, of_ann);
}

TEST_CASE("the same conversion again costs nothing, unless it is asked to, over a restart too") {
  service_stack stack;
  const auto run = [&](bool may_share) {
    const auto id = stack.submit({"", "ann", "in red", "", may_share});
    return stack.final_job(id);
  };
  CHECK_FALSE(*at(run(true), {"result", "cached"}).as<bool>());
  const auto paid = total_cost(stack);
  const auto check_free = [&] {
    const auto again = run(true);
    CHECK(*at(again, {"result", "cached"}).as<bool>());
    CHECK(cost_of(stack, text_at(again, {"id"})) == 0);
    CHECK(total_cost(stack) == paid);
    CHECK(stack.sim_count({"generateCalls"}) == 1);
  };
  check_free();
  REQUIRE(stack.worker().stop() == 0);
  stack.start_worker();
  wait_until("the account is read", [&] { return total_cost(stack) == paid; });
  check_free();
  CHECK_FALSE(*at(run(false), {"result", "cached"}).as<bool>());
  CHECK(total_cost(stack) == 2 * paid);
  CHECK(stack.sim_count({"generateCalls"}) == 2);
}

TEST_CASE("the same conversion twice at the same time makes one call") {
  service_stack stack{{}, {"--latency", "500ms"}};
  const auto first = stack.submit({"", "ann", "in blue", "", true});
  const auto second = stack.submit({"", "bob", "in blue", "", true});
  check_completed(stack, {first, second});
  CHECK(stack.sim_count({"generateCalls"}) == 1);
  CHECK(cost_of(stack, {first, second}) == total_cost(stack));
}

TEST_CASE("in the scope of a user nobody is served a picture of another's, or learns of it") {
  service_stack stack{{{"RESULT_CACHE_SCOPE", "user"}}};
  const auto is_cached = [&](const std::string& user) {
    const auto job = stack.final_job(stack.submit({"", user, "in red", "", true}));
    return *at(job, {"result", "cached"}).as<bool>();
  };
  CHECK_FALSE(is_cached("ann"));
  CHECK_FALSE(is_cached("bob"));
  CHECK(stack.sim_count({"generateCalls"}) == 2);
  CHECK(is_cached("ann"));
  CHECK(stack.sim_count({"generateCalls"}) == 2);
}
