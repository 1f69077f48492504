// SPDX-License-Identifier: MIT
// A steady load while the provider, the store and the actors fail and hang, one after the other:
// every job ends as it has to, the provider is hardly called in vain, and what has piled up is not
// thrown at it when it comes back. scripts/chaos runs 5,000 jobs and draws what happened.
#include "messages/base/duration.hpp"
#include "tests/e2e/support/chaos_load.hpp"
#include "tests/e2e/support/chaos_series.hpp"
#include "tests/e2e/support/service_stack.hpp"
#include "tests/history/history_check.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

std::size_t chaos_job_total() {
  const char* text = std::getenv("CHAOS_JOBS");
  return text == nullptr ? 600 : std::stoul(text);
}

/// Fifty jobs a second; a short run takes its time, so that there is something to disturb.
milliseconds load_time() {
  return std::max<milliseconds>(36s, chaos_job_total() * 20ms);
}

std::size_t worker_total() {
  return chaos_job_total() < 2'000 ? 8 : 32;
}

/// Calls that all faults together may cost, however few jobs there are: the restart of each of nine
/// core actors what every worker has in hand, which on a busy machine is all that it could have;
/// those of the provider what is sent until the breaker opens.
std::size_t cost_of_faults() {
  return 9 * worker_total() + 50;
}

/// The store that CHAOS_BACKEND names: redis where it is not set.
std::unique_ptr<redis_process> wanted_redis() {
  const char* wanted = std::getenv("CHAOS_BACKEND");
  const bool is_redis = wanted == nullptr || std::string_view{wanted} == "redis";
  return is_redis ? std::make_unique<redis_process>() : nullptr;
}

environment worker_settings(const redis_process* redis, const std::filesystem::path& history) {
  environment settings{
      {"WORKER_MAX_WORKERS", std::to_string(worker_total())},
      {"WORKER_LOG_LEVEL", "warn"},
      {"WORKER_HISTORY_FILE", history},
      {"QUEUE_MAX_JOBS", "0"},
      {"GEMINI_TIMEOUT", "2"},
      {"WORKER_MAX_RETRIES", "10"},
      {"RETRY_MAX_RETRIES", "10"},
      {"RETRY_INITIAL_DELAY", "500ms"},
      {"RETRY_MAX_DELAY", "10s"},
      {"WORKER_RETRY_DELAY", "1s"},
      {"WORKER_MAX_AMBIGUOUS_CALLS", "5"},
      {"WORKER_MAX_RESTARTS", "100"},
      {"QUEUE_BACKEND", "sqlite"}};
  if (redis != nullptr) {
    settings["QUEUE_BACKEND"] = "redis";
    settings["REDIS_URL"] = redis->url();
  }
  return settings;
}

/// Small photos: it is not the codec that is to be tried.
std::vector<std::string> bodies_of_load(const service_stack& stack) {
  const std::string person = stack.upload(as_text(make_picture({image_format::jpeg, 96, 128})));
  const std::string garment = stack.upload(as_text(make_picture({image_format::png, 64, 64})));
  constexpr std::size_t users = 7;
  std::vector<std::string> bodies;
  for (std::size_t number = 0; number < chaos_job_total(); ++number) {
    bodies.push_back(
        R"({"type":"image_conversion","conversionId":"chaos-)" + std::to_string(number)
        + R"(","userId":"user-)" + std::to_string(number % users)
        + R"(","payload":{"userImageId":")" + person + R"(","clothImageId":")" + garment
        + R"(","options":{"noCache":true,"prompt":")"
        + (is_refused_by_provider(number) ? "[[sim:safety]]" : "") + R"("}}})"
    );
  }
  return bodies;
}

timestamp now() {
  return to_timestamp(std::chrono::system_clock::now());
}

/// Plays faults at fixed shares of the load's time.
class fault_schedule {
 public:
  fault_schedule(service_stack& stack, redis_process* redis, timestamp begin)
      : stack_(stack), redis_(redis), begin_(begin) {}

  void play() {
    const std::string storm = R"({"kind":"429","retryDelay":"1s","count":0})";
    fail_actor(2, "worker-3");
    order_while(3, 5, "429 storm", storm);
    hang_actor(10, "worker-7", 15s);
    failed_actors_.insert("worker-7");
    outage_ = order_while(12, 27, "outage", R"({"kind":"503","count":0})");
    fail_actor(52, "image_processor");
    order_while(54, 55, "hanging calls", hanging_calls());
    // It is told to end while it hangs, and cannot.
    hang_actor(64, "worker-5", 30s);
    // From here on what is known of the provider is lost, and with it the pace.
    settled_ = now();
    fail_actor(66, "record_io");
    fail_actor(68, "notifier");
    fail_actor(70, "queue");
    fail_actor(72, "blob_store");
    fail_actor(74, "retry_scheduler");
    fail_actor(76, "metrics");
    fail_actor(78, "gemini_client");
    with_redis(
        81, 83, "store hangs", [this] { redis_->pause(); }, [this] { redis_->resume(); }
    );
    with_redis(
        86, 88, "store restarts", [this] { redis_->stop(); }, [this] { redis_->start(); }
    );
    order_while(91, 93, "429 storm", storm);
    hang_actor(97, "gemini_client", 15s);
  }

  [[nodiscard]] const std::vector<fault_span>& faults() const { return faults_; }
  [[nodiscard]] const fault_span& outage() const { return outage_; }
  /// Until then nothing but the outage has made jobs wait.
  [[nodiscard]] timestamp settled() const { return settled_; }
  [[nodiscard]] const std::set<std::string>& failed_actors() const { return failed_actors_; }

 private:
  void wait_for(int percent) const {
    std::this_thread::sleep_until(begin_ + load_time() * percent / 100);
  }

  const fault_span& note(const std::string& name, timestamp begin, timestamp end) {
    return faults_.emplace_back(fault_span{name, begin, end});
  }

  /// An actor that is just being restarted is not there to be hit.
  void order_fault(const std::string& actor, const std::string& more) {
    wait_until("a fault reaches " + actor, [&] {
      const std::string body = R"({"actor":")" + actor + '"' + more + "}";
      return stack_.call("POST", "/worker/chaos/fault", body).status == 200;
    });
  }

  void fail_actor(int percent, const std::string& actor) {
    wait_for(percent);
    order_fault(actor, "");
    failed_actors_.insert(actor);
    note(actor + " fails", now(), now());
  }

  void hang_actor(int percent, const std::string& actor, milliseconds hang_for) {
    wait_for(percent);
    order_fault(actor, R"(,"hangFor":")" + format_duration(hang_for) + '"');
    note(actor + " hangs", now(), now() + hang_for);
  }

  fault_span order_while(int from, int to, const std::string& name, const std::string& order) {
    wait_for(from);
    const auto begin = now();
    const std::string url = stack_.sim().url() + "/sim/faults";
    REQUIRE(exchange("POST", url, order).status == 200);
    wait_for(to);
    REQUIRE(exchange("DELETE", url).status == 200);
    return note(name, begin, now());
  }

  template <class Begin, class End>
  void with_redis(int from, int to, const std::string& name, Begin begin_it, End end_it) {
    if (redis_ == nullptr) {
      return;
    }
    wait_for(from);
    const auto begin = now();
    begin_it();
    wait_for(to);
    end_it();
    note(name, begin, now());
  }

  static std::string hanging_calls() {
    return R"({"kind":"hang","count":)" + std::to_string(chaos_job_total() / 200) + "}";
  }

  service_stack& stack_;
  redis_process* redis_;
  timestamp begin_;
  std::vector<fault_span> faults_;
  fault_span outage_;
  timestamp settled_;
  std::set<std::string> failed_actors_;
};

/// Each job that was accepted is there and has ended in a way it may have ended.
std::map<std::string, std::string> check_ends(
    const service_stack& stack, const std::map<std::string, endings>& expected
) {
  std::map<std::string, std::string> ends;
  stack.each_job([&](const adapters::json_value& job) {
    const std::string id = text_at(job, {"id"});
    const std::string status = text_at(job, {"status"});
    ends[id] = status;
    INFO(stack.get("/worker/jobs/" + id).body);
    REQUIRE(expected.count(id) == 1);
    CHECK(expected.at(id).count(status) == 1);
    if (status == "failed") {
      CHECK(text_at(job, {"error", "class"}) == "safety_blocked");
    }
  });
  CHECK(ends.size() == expected.size());
  return ends;
}

void check_history_of(
    const std::filesystem::path& file,
    const std::map<std::string, endings>& expected,
    const std::map<std::string, std::string>& ends,
    std::size_t store_outages
) {
  history_claims claims{{}, ends, 5, store_outages};
  for (const auto& [id, may_be] : expected) {
    claims.accepted.insert(id);
  }
  const auto report = check_history({&file, 1}, claims);
  for (const std::string& violation : report.violations) {
    UNSCOPED_INFO(violation);
  }
  CHECK(report.violations.empty());
  std::cout << report.figures << '\n';
}

/// Every actor that was hit has been started again.
void check_restarts(const service_stack& stack, const std::set<std::string>& failed_actors) {
  const auto tree = stack.get("/worker/tree").json();
  std::map<std::string, std::int64_t> restarts;
  for (const std::string_view group : {"core", "workers"}) {
    for (const auto& child : *at(tree, {group, "children"}).as<adapters::json_value::array>()) {
      restarts[text_at(child, {"name"})] = number_at(child, {"restarts"});
      CHECK(text_at(child, {"state"}) == "running");
    }
  }
  for (const std::string& actor : failed_actors) {
    INFO(actor);
    CHECK(restarts[actor] >= 1);
  }
  // Those that hung have returned by now, or will.
  wait_until(
      "no thread is lost",
      [&] { return number_at(stack.get("/worker/tree").json(), {"writtenOff"}) == 0; }, 60s
  );
}

}  // namespace

TEST_CASE("a steady load comes through faults of the provider, the store and the actors") {
  const auto redis = wanted_redis();
  const temporary_folder folder;
  const auto history = folder.path() / "history";
  service_stack stack{worker_settings(redis.get(), history), {"--latency", "50ms..150ms"}};
  call_sampler sampler{stack.sim().url()};
  const auto call = [&stack](
                        const std::string& method, const std::string& path, const std::string& body,
                        const std::vector<std::string>& headers
                    ) { return stack.call(method, path, body, headers); };
  chaos_load load{call, bodies_of_load(stack), load_time()};
  const timestamp begin = now();
  fault_schedule schedule{stack, redis.get(), begin};
  schedule.play();
  const auto expected = load.wait();
  stack.wait_for_quiet(120s);
  const timestamp end = now();
  const auto& calls = sampler.stop();
  if (const char* csv = std::getenv("CHAOS_CSV")) {
    write_series(csv, begin, history, calls, schedule.faults());
  }

  REQUIRE(expected.size() == chaos_job_total());
  const auto ends = check_ends(stack, expected);
  check_history_of(history, expected, ends, redis == nullptr ? 0 : 2);
  check_restarts(stack, schedule.failed_actors());
  CHECK(stack.metric("stayler_store_repairs_total") == 0);

  const auto ended_as = [&](std::string_view status) {
    return std::ranges::count_if(ends, [&](const auto& job) { return job.second == status; });
  };
  // One call for each picture and for each refusal.
  const auto needed = ended_as("completed") + ended_as("failed");
  const auto made = stack.sim_count({"generateCalls"});
  const auto usual = static_cast<double>(chaos_job_total()) / (load_time() / 1.0s);
  const auto busiest = busiest_second(calls, schedule.outage().end, schedule.settled());
  const auto allowed = std::max(static_cast<std::size_t>(needed) / 10, cost_of_faults());
  CHECK(static_cast<std::size_t>(made - needed) < allowed);
  CHECK(static_cast<double>(busiest) < 2 * usual);
  std::cout << chaos_job_total() << " jobs: " << ended_as("completed") << " completed, "
            << ended_as("failed") << " refused by the provider, " << ended_as("cancelled")
            << " cancelled; " << load.repeats() << " submissions repeated\n"
            << "provider calls: " << made << ", of them in vain: " << made - needed << " ("
            << 100.0 * static_cast<double>(made - needed) / static_cast<double>(needed)
            << "%); usually " << usual << "/s, after the outage " << busiest << "/s at most\n"
            << "restarts: " << stack.metric("stayler_actor_restarts_total") << "; took "
            << (end - begin) / 1.0s << " s\n";
  CHECK(stack.worker().stop() == 0);
}
