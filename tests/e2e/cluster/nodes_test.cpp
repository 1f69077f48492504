// SPDX-License-Identifier: MIT

// Worker nodes as processes of their own: they share the work, and losing any of them, or their
// coordinator, loses no job and pays for none twice without need.

#include "tests/e2e/support/node_stack.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <algorithm>
#include <csignal>
#include <iostream>
#include <numeric>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

using ids = std::vector<std::string>;

struct tally {
  std::size_t crashes = 0;
  std::size_t interruptions = 0;
  std::size_t attempts = 0;
};

/// Every job completes in time, in the end by one of its attempts.
tally check_all_complete(const service_stack& stack, const ids& jobs) {
  tally counted;
  for (const std::string& id : jobs) {
    const auto job = stack.final_job(id, 120s);
    INFO("job " << id);
    CHECK(text_at(job, {"status"}) == "completed");
    counted.crashes += static_cast<std::size_t>(number_at(job, {"crashes"}));
    counted.interruptions += static_cast<std::size_t>(number_at(job, {"interruptions"}));
    counted.attempts += at(job, {"attempts"}).as<adapters::json_value::array>()->size();
  }
  return counted;
}

/// Jobs whose last attempt is that node's.
ids held_by(const service_stack& stack, const ids& jobs, const std::string& node) {
  ids held;
  for (const std::string& id : jobs) {
    const auto job = stack.get("/worker/jobs/" + id).json();
    if (text_at(job, {"status"}) == "processing"
        && text_at(job, {"workerId"}).starts_with(node + "/")) {
      held.push_back(id);
    }
  }
  return held;
}

/// True once each of the jobs has got as far as its call to the provider.
bool are_all_calling(const service_stack& stack, const ids& jobs) {
  return std::ranges::all_of(jobs, [&](const std::string& id) {
    const auto job = stack.get("/worker/jobs/" + id).json();
    return text_at(job, {"progress", "stage"}) == "converting";
  });
}

/// Until none of these jobs is with that node any more.
std::chrono::milliseconds time_to_move(
    const service_stack& stack, const ids& jobs, const std::string& from
) {
  const auto since = std::chrono::steady_clock::now();
  wait_until(
      "the jobs run elsewhere",
      [&] {
        return std::ranges::all_of(jobs, [&](const std::string& id) {
          const auto job = stack.get("/worker/jobs/" + id).json();
          return !text_at(job, {"workerId"}).starts_with(from + "/")
                 && text_at(job, {"status"}) != "pending"
                 && text_at(job, {"status"}) != "scheduled";
        });
      },
      60s
  );
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - since
  );
}

}  // namespace

TEST_CASE("two nodes share sixty jobs, which their coordinator only hands out") {
  node_stack stack;
  stack.start_node("a", 3);
  stack.start_node("b", 3);
  CHECK(stack.service().metric("stayler_nodes_connected") == 2);
  const ids jobs = stack.submit(60);
  const tally counted = check_all_complete(stack.service(), jobs);
  CHECK(counted.attempts == 60);
  std::map<std::string, std::size_t> share;
  stack.service().each_job([&](const adapters::json_value& job) {
    for (const std::string node : {"a", "b"}) {
      share[node] += attempts_by(job, node);
    }
  });
  CHECK(share["a"] >= 10);
  CHECK(share["b"] >= 10);
  CHECK(share["a"] + share["b"] == 60);
  CHECK(stack.service().sim_count({"generateCalls"}) == 60);
  // Pictures that nodes have stored are there for the coordinator's callers.
  const auto result = text_at(stack.service().final_job(jobs[0]), {"result", "imageId"});
  CHECK(stack.service().get("/images/" + result).status == 200);
  CHECK(stack.service().get("/images/" + result + "/thumbnail").status == 200);
}

TEST_CASE("nodes together keep within the limits that their coordinator has") {
  node_stack stack{{{"GEMINI_REQUESTS_PER_MINUTE", "20"}}};
  stack.start_node("a", 10);
  stack.start_node("b", 10);
  static_cast<void>(stack.submit(40));
  const auto provider = [&] { return stack.service().get("/worker/provider").json(); };
  wait_until("the quota is used up", [&] { return number_at(provider(), {"calls"}) == 20; });
  wait_until("all its calls are answered", [&] {
    return number_at(provider(), {"callsInFlight"}) == 0;
  });
  CHECK(stack.service().sim_count({"generateCalls"}) == 20);
}

TEST_CASE("a node without the key that its coordinator chooses says so") {
  node_stack stack;
  stack.start_node("a", 1, {{"GEMINI_API_KEY", "another-key"}});
  const auto job = stack.service().final_job(stack.submit(1).front());
  CHECK(text_at(job, {"error", "class"}) == "authentication");
  CHECK(holds(text_at(job, {"error", "message"}), "GEMINI_API_KEY"));
  CHECK(stack.service().sim_count({"generateCalls"}) == 0);
}

TEST_CASE("the jobs of a node that is killed run on another within two seconds") {
  node_stack stack{{{"WORKER_RETRY_DELAY", "1h"}}, {"--latency", "8s"}};
  stack.start_node("a", 4);
  stack.start_node("b", 16);
  const ids jobs = stack.submit(10);
  wait_until("both are busy", [&] {
    return stack.busy_of("a") >= 2 && stack.busy_of("a") + stack.busy_of("b") == 10;
  });
  const ids held = held_by(stack.service(), jobs, "a");
  REQUIRE_FALSE(held.empty());
  stack.node("a").signal(SIGKILL);
  const auto took = time_to_move(stack.service(), held, "a");
  std::cout << held.size() << " jobs of a killed node were with another after " << took.count()
            << " ms\n";
  CHECK(took < 2s);
  const tally counted = check_all_complete(stack.service(), jobs);
  CHECK(counted.crashes == held.size());
  CHECK(stack.workers_of("a") == 0);
  CHECK(stack.service().metric("stayler_nodes_lost_total") == 1);
}

TEST_CASE("a node that hangs is given up within its lease, and refused what it has lost") {
  node_stack stack{{{"WORKER_RETRY_DELAY", "1h"}}, {"--latency", "6s"}};
  stack.start_node("a", 2);
  stack.start_node("b", 8);
  const ids jobs = stack.submit(5);
  wait_until("both are busy", [&] {
    return stack.busy_of("a") >= 1 && stack.busy_of("a") + stack.busy_of("b") == 5;
  });
  const ids held = held_by(stack.service(), jobs, "a");
  REQUIRE_FALSE(held.empty());
  stack.node("a").signal(SIGSTOP);
  const auto took = time_to_move(stack.service(), held, "a");
  std::cout << "jobs of a hung node were with another after " << took.count() << " ms\n";
  CHECK(took < 30s);
  check_all_complete(stack.service(), jobs);
  const std::string result = stack.service().get("/worker/jobs/" + jobs[0]).body;
  stack.node("a").signal(SIGCONT);
  wait_until(
      "the node is back", [&] { return stack.workers_of("a") == 2; }, 60s
  );
  const ids more = stack.submit(6);
  check_all_complete(stack.service(), more);
  // What the node had made meanwhile has changed nothing.
  CHECK(stack.service().get("/worker/jobs/" + jobs[0]).body == result);
}

TEST_CASE("a node that is told to stop finishes its work first, and costs no attempt") {
  node_stack stack{{}, {"--latency", "1s"}};
  stack.start_node("a", 4);
  stack.start_node("b", 4);
  const ids jobs = stack.submit(24);
  wait_until("the node is busy", [&] { return stack.busy_of("a") == 4; });
  SECTION("with time enough") {
    CHECK(stack.node("a").stop(60s) == 0);
    const tally counted = check_all_complete(stack.service(), jobs);
    CHECK(counted.crashes == 0);
    CHECK(counted.interruptions == 0);
    CHECK(counted.attempts == 24);
  }
  SECTION("and without") {
    stack.start_node("hasty", 4, {{"WORKER_SHUTDOWN_TIMEOUT", "0s"}});
    wait_until("it is busy, too", [&] { return stack.busy_of("hasty") == 4; });
    CHECK(stack.node("hasty").stop(60s) == 0);
    const tally counted = check_all_complete(stack.service(), jobs);
    CHECK(counted.crashes == 0);
    CHECK(counted.interruptions >= 1);
    CHECK(counted.attempts == 24 + counted.interruptions);
  }
  CHECK(stack.service().metric("stayler_nodes_lost_total") == 0);
}

TEST_CASE("a coordinator that is killed and started again finds its nodes still at work") {
  // The same port again, or nobody would find it.
  node_stack stack{{}, {"--latency", "8s"}};
  const std::string address = node_address_of(stack.service().worker());
  stack.start_node("a", 4);
  const ids jobs = stack.submit(4);
  wait_until("all calls are on their way", [&] { return are_all_calling(stack.service(), jobs); });
  stack.service().worker().signal(SIGKILL);
  REQUIRE(stack.service().worker().wait(10s) == 128 + SIGKILL);
  stack.service().start_worker({{"NODE_LISTEN", address}});
  const tally counted = check_all_complete(stack.service(), jobs);
  CHECK(counted.crashes == 0);
  CHECK(counted.attempts == 4);
  CHECK(stack.service().sim_count({"generateCalls"}) == 4);
  CHECK(stack.service().metric("stayler_attempts_adopted_total") == 4);
}

TEST_CASE("a node whose coordinator is killed goes on under another, and no call is paid twice") {
  const redis_process redis;
  node_stack stack{{{"QUEUE_BACKEND", "redis"}, {"REDIS_URL", redis.url()}}, {"--latency", "8s"}};
  environment others =
      worker_environment(stack.service().folder() / "data", stack.service().sim().url());
  others.merge(tls_settings(stack.certificates(), "coordinator"));
  others["WORKER_ROLE"] = "coordinator";
  others["NODE_LISTEN"] = "127.0.0.1:0";
  others["QUEUE_BACKEND"] = "redis";
  others["REDIS_URL"] = redis.url();
  service_process other{STAYLER_WORKER, {}, others, stack.service().folder() / "other.log"};
  // First to the other one, alone; it learns of the first by its second address.
  environment both{{"NODE_JOIN", node_address_of(other)}};
  const std::string first = node_address_of(stack.service().worker());
  both["NODE_JOIN"] += "," + first;
  service_process node{
      STAYLER_WORKER,
      {},
      [&] {
        auto settings = stack.node_settings("a");
        settings["NODE_JOIN"] = both["NODE_JOIN"];
        settings["WORKER_MAX_WORKERS"] = "4";
        return settings;
      }(),
      stack.service().folder() / "a.log",
      service_process::awaited::nothing};
  const ids jobs = stack.submit(4);
  wait_until("all calls are on their way", [&] { return are_all_calling(stack.service(), jobs); });
  // The submitting coordinator stays; the one that the node has joined goes.
  const bool is_with_first = stack.workers_of("a") == 4;
  std::cout << "the node is with the " << (is_with_first ? "first" : "other") << " coordinator\n";
  if (is_with_first) {
    stack.service().worker().signal(SIGKILL);
    REQUIRE(stack.service().worker().wait(10s) == 128 + SIGKILL);
    wait_until(
        "the other one has the node",
        [&] { return holds(exchange("GET", other.url() + "/worker/workers").body, "a/worker-4"); },
        60s
    );
    stack.service().start_worker();
  } else {
    other.signal(SIGKILL);
    REQUIRE(other.wait(10s) == 128 + SIGKILL);
  }
  const tally counted = check_all_complete(stack.service(), jobs);
  CHECK(counted.crashes == 0);
  CHECK(counted.attempts == 4);
  CHECK(stack.service().sim_count({"generateCalls"}) == 4);
}

TEST_CASE("nobody listens or joins with files that do not fit, and is told which") {
  const temporary_folder folder;
  make_certificates(folder.path() / "ours", {"a", "b"});
  make_certificates(folder.path() / "theirs", {"a"});
  environment settings = worker_environment(folder.path() / "data", "http://127.0.0.1:1");
  settings["NODE_LISTEN"] = "127.0.0.1:0";
  settings.merge(tls_settings(folder.path() / "ours", "a"));
  const auto line_with = [&](const std::string& variable, const std::filesystem::path& file) {
    auto changed = settings;
    changed[variable] = file.string();
    const auto run = run_program(STAYLER_WORKER, {}, changed);
    CHECK(run.exit_code == 1);
    return run.output;
  };
  CHECK(holds(line_with("NODE_TLS_KEY", folder.path() / "ours" / "b.key"), "NODE_TLS_KEY: "));
  CHECK(holds(line_with("NODE_TLS_KEY", folder.path() / "none"), "cannot read"));
  CHECK(holds(
      line_with("NODE_TLS_CERTIFICATE", folder.path() / "ours" / "a.key"), "holds no certificate"
  ));
  CHECK(holds(
      line_with("NODE_TLS_CA", folder.path() / "theirs" / "ca.pem"),
      "is not accepted by NODE_TLS_CA"
  ));
  CHECK(holds(line_with("NODE_TLS_CRL", folder.path() / "ours" / "a.pem"), "NODE_TLS_CRL: "));
  make_certificates(folder.path() / "ours", {"node:worker", "coordinator:main"});
  const auto as = [&](const std::string& certificate) {
    for (const auto& [variable, file] : tls_settings(folder.path() / "ours", certificate)) {
      settings[variable] = file;
    }
    const auto run = run_program(STAYLER_WORKER, {}, settings);
    CHECK(run.exit_code == 1);
    return run.output;
  };
  CHECK(holds(as("worker"), "a coordinator's may be for serverAuth"));
  settings.erase("NODE_LISTEN");
  settings["WORKER_ROLE"] = "worker";
  settings["NODE_JOIN"] = "127.0.0.1:1";
  settings["NODE_NAME"] = "another";
  CHECK(holds(as("main"), "a node's may be for clientAuth"));
  CHECK(holds(as("worker"), "is not for this node's name, another, but for DNS:worker"));
}
