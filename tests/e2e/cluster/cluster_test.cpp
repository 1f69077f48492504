// SPDX-License-Identifier: MIT
// Coordinators and worker nodes on hosts of their own, with shared stores: whatever is killed, cut
// off or restarted, every job reaches the end that it has to, and no record gets two results.
// scripts/cluster-test runs 2,000 jobs.
#include "tests/e2e/support/cluster.hpp"

#include "tests/e2e/support/chaos_load.hpp"
#include "tests/history/history_check.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <thread>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

std::size_t cluster_job_total() {
  const char* text = std::getenv("CLUSTER_JOBS");
  return text == nullptr ? 500 : std::stoul(text);
}

/// How long a host is cut off: longer than a third of a lease, after which it is given up.
constexpr auto cut_time = 20s;

using clock = std::chrono::steady_clock;

void say(const std::string& what, clock::time_point since) {
  std::cout << what << ": " << (clock::now() - since) / 1.0s << " s" << std::endl;
}

/// Nine times out of ten a caller gets through to the coordinator that it tries first.
api_call at_either(const cluster& all) {
  return [&all, next = std::make_shared<std::atomic<std::size_t>>(0)](
             const std::string& method, const std::string& path, const std::string& body,
             const std::vector<std::string>& headers
         ) {
    const auto names = cluster::coordinators();
    const std::size_t first = (*next)++;
    auto answer = all.call(names[first % 2], method, path, body, headers);
    const bool is_away = answer.status == 0 || answer.status == 503;
    return is_away ? all.call(names[(first + 1) % 2], method, path, body, headers) : answer;
  };
}

std::string upload(const cluster& all, const byte_vector& picture) {
  const auto answer = all.call(
      "c1", "POST", "/images", as_text(picture), {"Content-Type: application/octet-stream"}
  );
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  return text_at(answer.json(), {"id"});
}

std::vector<std::string> bodies_of_cluster_load(const cluster& all) {
  const std::string person = upload(all, make_picture({image_format::jpeg, 96, 128}));
  const std::string garment = upload(all, make_picture({image_format::png, 64, 64}));
  std::string rest = R"(","userId":")";
  rest += cluster::user;
  rest += R"(","payload":{"userImageId":")" + person + R"(","clothImageId":")" + garment;
  rest += R"(","options":{"noCache":true,"prompt":")";
  std::vector<std::string> bodies;
  for (std::size_t number = 0; number < cluster_job_total(); ++number) {
    std::string& body = bodies.emplace_back(R"({"type":"image_conversion","conversionId":")");
    body += cluster::conversion_id(number);
    body += rest;
    body += is_refused_by_provider(number) ? "[[sim:safety]]" : "";
    body += R"("}}})";
  }
  return bodies;
}

/// Until none of these jobs is with that node any more.
void wait_until_elsewhere(
    const cluster& all,
    const std::vector<std::string>& jobs,
    const std::string& node,
    const std::string& asked
) {
  const auto is_elsewhere = [&](const std::string& id) {
    const auto job = all.get(asked, "/worker/jobs/" + id);
    const std::string status = text_at(job, {"status"});
    const bool is_running = status == "processing";
    return !status.empty() && (!is_running || !text_at(job, {"workerId"}).starts_with(node + "/"))
           && status != "scheduled" && status != "pending";
  };
  wait_until(
      "the jobs of " + node + " run elsewhere",
      [&] { return std::ranges::all_of(jobs, is_elsewhere); }, 120s
  );
}

void wait_for_all_nodes(const cluster& all) {
  wait_until(
      "all nodes have joined",
      [&] { return all.joined(cluster::nodes()) == 3 * cluster::slots_per_node; }, 90s
  );
}

void kill_node(cluster& all) {
  wait_until(
      "w1 is at work", [&] { return all.jobs_of("w1").size() > 1; }, 60s
  );
  const auto jobs = all.jobs_of("w1");
  const auto since = clock::now();
  all.kill("w1");
  wait_until_elsewhere(all, jobs, "w1", "c1");
  say("kill -9 of a node: its " + std::to_string(jobs.size()) + " jobs ran elsewhere after", since);
  all.start("w1");
}

void kill_coordinator(cluster& all) {
  const auto since = clock::now();
  all.kill("c1");
  wait_until(
      "its nodes have joined the other coordinator",
      [&] {
        const auto answer = all.get("c2", "/worker/workers");
        return size_at(answer, {"workers"})
               == static_cast<std::int64_t>(3 * cluster::slots_per_node);
      },
      60s
  );
  say("kill -9 of a coordinator: its nodes worked for the other after", since);
  all.start("c1");
}

template <class Cut>
void partition(cluster& all, const std::string& node, const std::string& how, Cut cut) {
  wait_until(
      node + " is at work", [&] { return all.jobs_of(node).size() > 1; }, 60s
  );
  const auto jobs = all.jobs_of(node);
  const auto since = clock::now();
  cut();
  wait_until_elsewhere(all, jobs, node, "c1");
  say(how + ": its " + std::to_string(jobs.size()) + " jobs ran elsewhere after", since);
  std::this_thread::sleep_until(since + cut_time);
  all.network().mend(node);
  const auto mended = clock::now();
  wait_for_all_nodes(all);
  say("... and it was back after the end of it within", mended);
}

void restart_redis(cluster& all) {
  all.redis().stop();
  std::this_thread::sleep_for(2s);
  all.redis().start();
  const auto since = clock::now();
  wait_until("jobs are taken again", [&] {
    return text_at(all.get("c1", "/worker/health"), {"checks", "queue", "status"}) == "healthy"
           && text_at(all.get("c2", "/worker/health"), {"checks", "queue", "status"}) == "healthy";
  });
  say("Redis restarted: healthy again after its return within", since);
}

void roll(cluster& all) {
  const auto since = clock::now();
  for (const auto& names : {cluster::nodes(), cluster::coordinators()}) {
    for (const std::string& name : names) {
      all.stop(name);
      all.start(name);
      wait_for_all_nodes(all);
    }
  }
  say("rolling restart of all five processes", since);
}

}  // namespace

TEST_CASE("a cluster brings every job to its end whatever is killed, cut off or restarted") {
  cluster all{cluster_job_total(), "2s..4s"};
  // A short run takes its time, so that there is something to disturb.
  const auto load_time = std::max<milliseconds>(100s, cluster_job_total() * 100ms);
  const auto bodies = bodies_of_cluster_load(all);
  chaos_load load{at_either(all), bodies, load_time};
  kill_node(all);
  wait_for_all_nodes(all);
  kill_coordinator(all);
  partition(all, "w2", "a node cut off in both directions", [&] { all.network().cut("w2"); });
  partition(all, "w3", "a node that hears nothing", [&] { all.network().deafen("w3"); });
  restart_redis(all);
  roll(all);
  const auto expected = load.wait();
  const auto loaded = clock::now();
  wait_until(
      "all jobs have ended",
      [&] {
        const auto status = all.get("c1", "/worker/status");
        return number_at(status, {"pendingJobs"}) == 0 && number_at(status, {"scheduledJobs"}) == 0
               && number_at(status, {"processingJobs"}) == 0;
      },
      180s
  );
  say("the last job ended after the last was submitted", loaded);

  REQUIRE(expected.size() == cluster_job_total());
  const auto states = job_states([&](const std::string& path) { return all.get("c2", path); });
  CHECK(states.size() == cluster_job_total());
  for (const auto& [id, state] : states) {
    INFO(all.call("c1", "GET", "/worker/jobs/" + id).body);
    REQUIRE(expected.count(id) == 1);
    CHECK(expected.at(id).count(state) == 1);
  }
  const auto completed =
      std::ranges::count_if(states, [](const auto& job) { return job.second == "completed"; });
  wait_until("the records say so, too", [&] {
    return all.value("SELECT count(*) FROM conversions WHERE status = 'completed'")
           == std::to_string(completed);
  });
  CHECK(
      all.value("SELECT count(*) FROM (SELECT conversion FROM results GROUP BY conversion"
                " HAVING count(DISTINCT image) > 1) AS twice")
      == "0"
  );
  CHECK(
      all.value("SELECT count(*) FROM conversions c JOIN images i ON i.id = c.result_image_id"
                " WHERE c.status = 'completed'")
      == std::to_string(completed)
  );
  history_claims claims{{}, states, 5, 2};
  for (const auto& [id, may_be] : expected) {
    claims.accepted.insert(id);
  }
  const auto report = check_history(all.histories(), claims);
  for (const std::string& violation : report.violations) {
    UNSCOPED_INFO(violation);
  }
  CHECK(report.violations.empty());
  std::cout << report.figures << '\n'
            << "provider calls: " << all.sim_count({"generateCalls"}) << " for " << completed
            << " pictures; " << load.repeats() << " submissions repeated\n";
  for (const auto& names : {cluster::nodes(), cluster::coordinators()}) {
    for (const std::string& name : names) {
      CHECK(all.stop(name) == 0);
    }
  }
}
