// SPDX-License-Identifier: MIT
#include "bench/queue/latency.hpp"

#include "actors/queue/queue.hpp"
#include "actors/queue/retry_scheduler.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace stayler::bench {

namespace {

using clock = std::chrono::steady_clock;

/// When jobs were sent and when they arrived, by conversion.
class stopwatch {
 public:
  void sent(const std::string& conversion) {
    const std::scoped_lock lock{mutex_};
    sent_[conversion] = clock::now();
  }

  void arrived(const std::string& conversion) {
    const auto now = clock::now();
    const std::scoped_lock lock{mutex_};
    took_ms_.push_back(std::chrono::duration<double, std::milli>(now - sent_[conversion]).count());
  }

  [[nodiscard]] std::size_t count() {
    const std::scoped_lock lock{mutex_};
    return took_ms_.size();
  }

  latency_figures result() {
    const std::scoped_lock lock{mutex_};
    return figures_of(took_ms_);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, clock::time_point> sent_;
  std::vector<double> took_ms_;
};

caf::behavior idle_metrics(caf::event_based_actor*) {
  return {[](const queue_report&) {}};
}

caf::behavior idle_records(caf::event_based_actor*) {
  return {
      [](record_atom, const conversion_update&) { return unit_value{}; },
      [](record_atom, const std::vector<conversion_update>&) {},
  };
}

caf::behavior idle_notifier(caf::event_based_actor*) {
  return {[](notify_atom, const notification&) { return unit_value{}; }};
}

/// Finishes each job in the moment in which it gets it.
caf::behavior instant_worker(
    caf::event_based_actor* self, queue_actor queue, std::string name, stopwatch* watch
) {
  self->send(queue, join_atom_v, name, caf::actor_cast<worker_actor>(self));
  return {
      [=](assign_atom, const job& leased) {
        watch->arrived(leased.request.conversion_id);
        caf::anon_send(
            queue, finish_atom_v, current_attempt(leased),
            attempt_outcome{.kind = attempt_outcome_kind::completed}
        );
      },
      [](cancel_atom, const attempt_id&) {},
      [](release_atom) {},
  };
}

job_request make_request(int number) {
  job_request request;
  request.user_id = "user-" + std::to_string(number % 10);
  request.conversion_id = "conversion-" + std::to_string(number);
  request.payload.user_image_id = std::string(36, 'u');
  request.payload.cloth_image_id = std::string(36, 'c');
  return request;
}

}  // namespace

latency_figures figures_of(std::vector<double> took_ms) {
  std::sort(took_ms.begin(), took_ms.end());
  const auto at = [&](double share) {
    return took_ms[static_cast<std::size_t>(share * static_cast<double>(took_ms.size() - 1))];
  };
  return {at(0.5), at(0.99)};
}

latency_figures measure_start_latency(
    std::shared_ptr<adapters::job_store> store, int jobs_per_second, std::chrono::seconds length
) {
  stopwatch watch;
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));  // as in the service
  caf::actor_system system{config};
  const auto wall = std::make_shared<adapters::system_wall_clock>();
  actors::queue_options options;
  options.store = std::move(store);
  options.clock = wall;
  options.instance_id = "bench";
  options.retries = caf::actor_cast<retry_scheduler_actor>(
      system.spawn(actors::retry_scheduler, actors::retry_scheduler_options{wall, options.config})
  );
  options.metrics = caf::actor_cast<metrics_actor>(system.spawn(idle_metrics));
  options.records = caf::actor_cast<record_io_actor>(system.spawn(idle_records));
  options.notifier = caf::actor_cast<notifier_actor>(system.spawn(idle_notifier));
  const auto queue = caf::actor_cast<queue_actor>(system.spawn(actors::queue, options));
  caf::anon_send(queue, start_atom_v);
  std::vector<caf::actor> workers;
  for (int i = 0; i < 16; ++i) {
    workers.push_back(system.spawn(instant_worker, queue, "w" + std::to_string(i), &watch));
  }
  const int total = jobs_per_second * static_cast<int>(length.count());
  const auto begin = clock::now() + std::chrono::milliseconds{200};
  for (int i = 0; i < total; ++i) {
    std::this_thread::sleep_until(
        begin + std::chrono::microseconds{1'000'000LL * i / jobs_per_second}
    );
    auto request = make_request(i);
    watch.sent(request.conversion_id);
    caf::anon_send(queue, submit_atom_v, std::move(request));
  }
  while (watch.count() < static_cast<std::size_t>(total)) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  for (const auto& worker : workers) {
    caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
  }
  for (const caf::actor& each :
       {caf::actor_cast<caf::actor>(queue), caf::actor_cast<caf::actor>(options.retries),
        caf::actor_cast<caf::actor>(options.metrics), caf::actor_cast<caf::actor>(options.records),
        caf::actor_cast<caf::actor>(options.notifier)}) {
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }
  workers.clear();
  options = {};
  return watch.result();
}

}  // namespace stayler::bench
