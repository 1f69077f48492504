// SPDX-License-Identifier: MIT

// queue-bench STORE JOBS [events]: STORE is memory, sqlite:FOLDER or a Redis URL; with `events` its
// changes are told to a feed, as the service does. Prints one line of figures per measurement:
// name, value, unit.
#include "adapters/event_feed/memory_event_feed.hpp"
#include "adapters/event_feed/redis_event_feed.hpp"
#include "adapters/job_store/decorators/event_publishing_job_store.hpp"
#include "adapters/job_store/memory/memory_job_store.hpp"
#include "adapters/job_store/redis/redis_job_store.hpp"
#include "adapters/job_store/sqlite/sqlite_job_store.hpp"
#include "adapters/redis/connection/redis_connection.hpp"
#include "bench/queue/disk_flush.hpp"
#include "bench/queue/latency.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <vector>

namespace stayler::bench {

namespace {

using namespace adapters;
using clock = std::chrono::steady_clock;

constexpr std::size_t batch_size = 256;

std::unique_ptr<job_store> open_plain_store(const std::string& where) {
  if (where == "memory") {
    return make_memory_job_store();
  }
  result<std::unique_ptr<job_store>> opened =
      where.starts_with("sqlite:") ? open_sqlite_job_store(where.substr(7) + "/jobs.db")
                                   : open_redis_job_store({*parse_redis_url(where), "bench", {}});
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    std::exit(1);
  }
  return std::move(*opened);
}

bool tells_events = false;

std::shared_ptr<event_feed> open_feed(const std::string& where) {
  return where == "memory" || where.starts_with("sqlite:")
             ? make_memory_event_feed()
             : make_redis_event_feed({*parse_redis_url(where), "bench"});
}

timestamp now() {
  return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

std::shared_ptr<job_store> open_store(const std::string& where) {
  auto store = open_plain_store(where);
  if (tells_events) {
    store = make_event_publishing_job_store(std::move(store), open_feed(where));
  }
  return store;
}

/// About 300 bytes of payload, as a submitter's JSON has.
job make_job(std::size_t number) {
  job made;
  made.id = job_id{make_uuid_v7(std::chrono::system_clock::now())};
  made.request.user_id = "user-" + std::to_string(number % 100);
  made.request.conversion_id = "conversion-" + std::to_string(number);
  made.request.payload.user_image_id = to_string(make_uuid_v7(std::chrono::system_clock::now()));
  made.request.payload.cloth_image_id = to_string(make_uuid_v7(std::chrono::system_clock::now()));
  made.request.payload.options.prompt = std::string(180, 'p');
  made.request.timeout = milliseconds{600'000};
  return made;
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void print(const char* name, double value, const char* unit) {
  std::printf("  %-28s %12.1f %s\n", name, value, unit);
}

/// Resident bytes of this process.
double resident_bytes() {
  std::ifstream in{"/proc/self/statm"};
  double total = 0;
  double resident = 0;
  in >> total >> resident;
  return resident * 4096;
}

/// A number that the Redis server knows of itself.
double redis_figure(const std::string& url, std::string_view section, std::string_view name) {
  auto connection = redis_connection::open(*parse_redis_url(url));
  auto info = connection->command({"INFO", section});
  const std::string text{info->value().text()};
  return std::stod(text.substr(text.find(name) + name.size()));
}

/// CPU seconds of the store's own process; 0 where there is none.
double server_cpu_seconds(const std::string& where) {
  if (where == "memory" || where.starts_with("sqlite:")) {
    return 0;
  }
  return redis_figure(where, "cpu", "used_cpu_user:") + redis_figure(where, "cpu", "used_cpu_sys:");
}

/// Bytes in use of Redis, of the database file, or of this process.
double bytes_kept(const std::string& where) {
  if (where == "memory") {
    return resident_bytes();
  }
  if (where.starts_with("sqlite:")) {
    const std::string file = where.substr(7) + "/jobs.db";
    return static_cast<double>(
        std::filesystem::file_size(file) + std::filesystem::file_size(file + "-wal")
    );
  }
  return redis_figure(where, "memory", "used_memory:");
}

void enqueue_all(job_store& store, std::size_t count) {
  for (std::size_t done = 0; done < count;) {
    std::vector<store_change> batch;
    for (; batch.size() < batch_size && done < count; ++done) {
      batch.emplace_back(store_op::enqueue{make_job(done), 100'000'000});
    }
    store.execute(batch, now());
  }
}

/// Each batch finishes what the last one claimed, and claims as much again: how a queue drains.
void drain(job_store& store, std::size_t count) {
  std::vector<job> running;
  for (std::size_t done = 0; done < count;) {
    std::vector<store_change> batch;
    for (const job& j : running) {
      batch.emplace_back(store_op::complete{current_attempt(j), {}});
    }
    batch.emplace_back(store_op::claim{
        std::vector<std::string>(batch_size, "w"), "bench", milliseconds{30'000}});
    auto outcome = store.execute(batch, now());
    done += running.size();
    running = std::move(outcome.replies.back().jobs);
  }
}

void mix(job_store& store, std::size_t count) {
  std::vector<job> running;
  for (std::size_t done = 0; done < count; done += batch_size / 2) {
    std::vector<store_change> batch;
    for (std::size_t i = 0; i < batch_size / 2; ++i) {
      batch.emplace_back(store_op::enqueue{make_job(done + i), 100'000'000});
    }
    for (const job& j : running) {
      batch.emplace_back(store_op::complete{current_attempt(j), {}});
    }
    batch.emplace_back(store_op::claim{
        std::vector<std::string>(batch_size / 2, "w"), "bench", milliseconds{30'000}});
    running = std::move(store.execute(batch, now()).replies.back().jobs);
  }
  std::vector<store_change> rest;
  for (const job& j : running) {
    rest.emplace_back(store_op::complete{current_attempt(j), {}});
  }
  store.execute(rest, now());
}

template <class Work>
void measure(const std::string& where, const char* name, std::size_t count, Work work) {
  const double server_cpu = server_cpu_seconds(where);
  const double cpu = cpu_seconds();
  const auto begin = clock::now();
  work();
  const double seconds = std::chrono::duration<double>(clock::now() - begin).count();
  const auto per_thousand = [&](double used) { return used * 1e6 / static_cast<double>(count); };
  print(name, static_cast<double>(count) / seconds, "jobs/s");
  print("  CPU of this process", per_thousand(cpu_seconds() - cpu), "ms per 1,000 jobs");
  if (server_cpu > 0) {
    const double used = server_cpu_seconds(where) - server_cpu;
    print("  CPU of the server", per_thousand(used), "ms per 1,000 jobs");
  }
}

void run(const std::string& where, std::size_t count) {
  {
    const auto store = open_store(where);
    const double before = bytes_kept(where);
    measure(where, "enqueue", count, [&] { enqueue_all(*store, count); });
    print(
        "kept", (bytes_kept(where) - before) / static_cast<double>(count), "bytes per queued job"
    );
    measure(where, "claim and complete", count, [&] { drain(*store, count); });
    measure(where, "enqueue, claim, complete", count, [&] { mix(*store, count); });
  }
  constexpr int per_second = 500;
  constexpr std::chrono::seconds length{20};
  if (where.starts_with("sqlite:")) {
    const auto flush = measure_disk_flush(where.substr(7), per_second, length);
    print("flush of the disk, p50", flush.p50_ms * 1'000, "us at 500 flushes/s");
    print("flush of the disk, p99", flush.p99_ms * 1'000, "us at 500 flushes/s");
  }
  const auto latency = measure_start_latency(open_store(where), per_second, length);
  print("enqueue to start, p50", latency.p50_ms * 1'000, "us at 500 jobs/s");
  print("enqueue to start, p99", latency.p99_ms * 1'000, "us at 500 jobs/s");
}

}  // namespace

}  // namespace stayler::bench

int main(int count, char** arguments) {
  if (count != 3 && count != 4) {
    std::fprintf(stderr, "usage: queue-bench memory|sqlite:FOLDER|REDIS_URL JOBS [events]\n");
    return 2;
  }
  stayler::bench::tells_events = count == 4;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  stayler::bench::run(arguments[1], std::stoul(arguments[2]));
}
