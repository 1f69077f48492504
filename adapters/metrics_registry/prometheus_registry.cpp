// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/latency_window.hpp"
#include "adapters/metrics_registry/metrics_registry.hpp"
#include "adapters/metrics_registry/process_stats.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace stayler::adapters {

namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;
using counters = prometheus::Family<Counter>;
using gauges = prometheus::Family<Gauge>;
using histograms = prometheus::Family<Histogram>;
using bounds = Histogram::BucketBoundaries;

constexpr std::string_view other = "other";

double seconds(std::chrono::microseconds d) {
  return std::chrono::duration<double>(d).count();
}

const bounds& short_times() {
  static const bounds limits{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                             0.1,    0.25,  0.5,    1,     2.5,  5,     10};
  return limits;
}

const bounds& long_times() {
  static const bounds limits{0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1,   2.5, 5,
                             10,    15,    20,   30,   45,  60,   120, 300, 600, 3600};
  return limits;
}

const bounds& batch_sizes() {
  static const bounds limits{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
  return limits;
}

counters& add_counters(prometheus::Registry& to, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(to);
}

gauges& add_gauges(prometheus::Registry& to, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(to);
}

histograms& add_histograms(prometheus::Registry& to, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(to);
}

/// The label values of one kind that may exist: those that come first, then "other" for all the
/// rest, so that nobody can fill the memory of this process or of Prometheus with names.
class bounded_names {
 public:
  explicit bounded_names(std::size_t limit) : limit_(limit) {}

  std::string admit(std::string_view name) {
    if (known_.find(name) == known_.end()) {
      if (known_.size() >= limit_) {
        return std::string{other};
      }
      known_.emplace(name);
    }
    return std::string{name};
  }

 private:
  std::size_t limit_;
  std::set<std::string, std::less<>> known_;
};

/// "worker" of "worker-17": the kind of actor, not the one.
std::string_view kind_of_actor(std::string_view name) {
  const auto end = name.find_last_not_of("0123456789");
  name = end == std::string_view::npos ? std::string_view{} : name.substr(0, end + 1);
  const auto last = name.find_last_not_of("-_#");
  return last == std::string_view::npos ? other : name.substr(0, last + 1);
}

std::string_view known_method(std::string_view method) {
  constexpr std::array<std::string_view, 7> methods{"GET",    "HEAD",  "POST",   "PUT",
                                                    "DELETE", "PATCH", "OPTIONS"};
  const auto found = std::find(methods.begin(), methods.end(), method);
  return found != methods.end() ? *found : other;
}

std::string status_label(std::uint32_t status) {
  return status >= 100 && status <= 599 ? std::to_string(status) : std::string{other};
}

/// Latencies of the last minutes under one name.
struct named_window {
  std::string name;
  std::unique_ptr<latency_window> window = std::make_unique<latency_window>();
};

class prometheus_registry final : public metrics_registry {
 public:
  explicit prometheus_registry(const std::string& version) {
    add_gauges(registry_, "stayler_build_info", "Always 1; the version is its label.")
        .Add({{"version", version}})
        .Set(1);
    add_gauges(registry_, "process_start_time_seconds", "Start of the process since the epoch.")
        .Add({})
        .Set(process_start_time_seconds());
    success_rate_.Set(1);
  }

  void count(const queue_report& report) override {
    for (const auto& event : report.events) {
      count_job(event);
    }
    set_gauges(report);
    set_loads(report.nodes);
    if (report.batch_size > 0) {
      batch_size_.Observe(report.batch_size);
      batch_duration_.Observe(seconds(report.batch_time));
    }
  }

  void count(const stage_event& event) override {
    auto& metric =
        stage_duration_.Add({{"stage", std::string{to_string(event.stage)}}}, long_times());
    metric.Observe(seconds(event.took));
    note(to_string(event.stage), event.took);
  }

  void count(const provider_event& event) override {
    const auto status = event.http_status == 0 ? "none" : status_label(event.http_status);
    provider_requests_
        .Add({{"status", status}, {"error_class", std::string{to_string(event.error)}}})
        .Increment();
    provider_duration_.Observe(seconds(event.took));
    provider_cost_.Increment(static_cast<double>(event.cost) / 1e6);
    count_tokens(event.usage);
  }

  void count(const provider_status& status) override {
    breaker_.Set(static_cast<double>(status.breaker));
    provider_limit_.Set(status.max_in_flight);
    provider_in_flight_.Set(status.calls_in_flight);
    provider_waiting_.Set(status.calls_waiting);
    provider_quota_.Set(status.requests_per_minute);
    provider_closed_until_.Set(
        static_cast<double>(status.closed_until.time_since_epoch().count()) / 1000
    );
  }

  void count(const cache_event& event) override {
    cache_hits_.Increment(event.hits);
    cache_misses_.Increment(event.misses);
    cache_entries_.Set(static_cast<double>(event.entries));
    cache_bytes_.Set(static_cast<double>(event.bytes));
  }

  void count(const http_event& event) override {
    const bool is_pattern = event.route.starts_with('/');
    const auto route = is_pattern ? routes_.admit(event.route) : std::string{other};
    http_requests_
        .Add(
            {{"route", route},
             {"method", std::string{known_method(event.method)}},
             {"status", status_label(event.status)}}
        )
        .Increment();
    http_duration_.Add({{"route", route}}, short_times()).Observe(seconds(event.took));
  }

  void count(const notification_report& report) override {
    notifications_open_.Set(static_cast<double>(report.open));
    notifications_delivered_.Increment(static_cast<double>(report.delivered));
    notifications_given_up_.Increment(static_cast<double>(report.given_up));
    notifications_unsaved_.Increment(static_cast<double>(report.unsaved));
  }

  void count(const restart_event& event) override {
    restarts_.Add({{"actor", actors_.admit(kind_of_actor(event.actor))}}).Increment();
  }

  void count(const lost_slot_event&) override { lost_slots_.Increment(); }

  void count(const tree_report& report) override {
    std::map<std::string, std::uint64_t> longest;
    for (const auto& mailbox : report.mailboxes) {
      auto& most = longest[actors_.admit(kind_of_actor(mailbox.actor))];
      most = std::max(most, mailbox.messages);
    }
    for (const auto& [actor, messages] : longest) {
      mailboxes_.Add({{"actor", actor}}).Set(static_cast<double>(messages));
    }
    written_off_.Set(report.written_off);
  }

  void count(const node_report& report) override {
    nodes_connected_.Set(report.connected);
    nodes_joined_.Increment(report.joined);
    nodes_lost_.Increment(report.lost);
    nodes_refused_.Increment(report.refused);
    attempts_adopted_.Increment(report.adopted);
  }

  void count(const link_report& report) override {
    coordinator_connected_.Set(report.is_connected ? 1 : 0);
    coordinators_joined_.Increment(report.joined);
    coordinators_lost_.Increment(report.lost);
  }

  std::string render() override {
    resident_memory_.Set(static_cast<double>(process_resident_memory_bytes()));
    std::ostringstream text;
    prometheus::TextSerializer{}.Serialize(text, registry_.Collect());
    return text.str();
  }

  latency_report latencies() override {
    const auto now = std::chrono::steady_clock::now();
    latency_report report;
    for (const auto& [name, window] : windows_) {
      report.stages.push_back(
          {name, window->count(now), window->quantile_seconds(0.5, now),
           window->quantile_seconds(0.9, now), window->quantile_seconds(0.99, now)}
      );
    }
    report.types.assign(finished_.begin(), finished_.end());
    return report;
  }

 private:
  void count_job(const job_event& event) {
    switch (event.kind) {
      case job_event_kind::accepted:
        accepted_.Increment();
        break;
      case job_event_kind::started:
        queue_wait_.Observe(seconds(event.queue_wait));
        note("queue_wait", event.queue_wait);
        break;
      case job_event_kind::retried:
        count_attempt("retried", event.error);
        break;
      case job_event_kind::interrupted:
        interrupted_.Increment();
        count_attempt("interrupted", event.error);
        break;
      case job_event_kind::completed:
      case job_event_kind::failed:
      case job_event_kind::cancelled:
        count_end(event);
        break;
    }
  }

  void count_end(const job_event& event) {
    auto& of_type = finished_[event.type == job_type::image_conversion ? 0 : 1];
    if (event.kind == job_event_kind::completed) {
      completed_.Increment();
      ++of_type.completed;
      count_attempt("completed", error_class::none);
      job_duration_.Add({{"type", std::string{to_string(of_type.type)}}}, long_times())
          .Observe(seconds(event.run_time));
      note("total", event.run_time);
    } else if (event.kind == job_event_kind::failed) {
      failed_.Increment();
      ++of_type.failed;
      count_attempt("failed", event.error);
    } else {
      cancelled_.Increment();
      ++of_type.cancelled;
    }
  }

  void count_attempt(const char* outcome, error_class error) {
    auto& counter = attempt_counters_[{outcome, error}];
    if (counter == nullptr) {
      counter =
          &attempts_.Add({{"outcome", outcome}, {"error_class", std::string{to_string(error)}}});
    }
    counter->Increment();
  }

  void set_gauges(const queue_report& report) {
    const auto& counts = report.counts;
    pending_.Set(static_cast<double>(counts.pending));
    scheduled_.Set(static_cast<double>(counts.scheduled));
    processing_.Set(static_cast<double>(counts.processing));
    active_workers_.Set(report.active_workers);
    const auto completed = static_cast<double>(counts.completed);
    const auto total_time = static_cast<double>(counts.completed_job_time.count());
    average_job_time_.Set(counts.completed > 0 ? total_time / completed : 0);
    const auto ended = completed + static_cast<double>(counts.failed);
    success_rate_.Set(ended > 0 ? completed / ended : 1);
    // The store keeps this sum itself; a counter must never go back.
    const auto stale = static_cast<double>(counts.stale_reports) - stale_reports_.Value();
    stale_reports_.Increment(std::max(stale, 0.0));
    const auto ambiguous = static_cast<double>(counts.ambiguous_calls) - ambiguous_calls_.Value();
    ambiguous_calls_.Increment(std::max(ambiguous, 0.0));
    const auto repaired = static_cast<double>(counts.repaired) - repaired_.Value();
    repaired_.Increment(std::max(repaired, 0.0));
  }

  void set_loads(const std::vector<node_load>& loads) {
    std::map<std::string, std::pair<Gauge*, Gauge*>> shown;
    for (const auto& load : loads) {
      if (load.node.empty()) {
        continue;  // this process's own workers are in the former worker's metrics
      }
      const auto node = node_names_.admit(load.node);
      auto& [slots, busy] = shown[node];
      slots = &node_slots_.Add({{"node", node}});
      busy = &node_busy_.Add({{"node", node}});
      slots->Set(load.slots);
      busy->Set(load.busy);
    }
    for (const auto& [node, gauges_of] : node_gauges_) {
      if (shown.count(node) == 0) {
        node_slots_.Remove(gauges_of.first);
        node_busy_.Remove(gauges_of.second);
      }
    }
    node_gauges_ = std::move(shown);
  }

  void count_tokens(const token_usage& usage) {
    const auto add = [this](const char* kind, std::uint64_t all, std::uint64_t image) {
      if (all > 0) {
        const auto of_images = std::min(all, image);
        tokens_.Add({{"kind", kind}, {"modality", "image"}}
        ).Increment(static_cast<double>(of_images));
        tokens_.Add({{"kind", kind}, {"modality", "text"}}
        ).Increment(static_cast<double>(all - of_images));
      }
    };
    add("prompt", usage.prompt_tokens, usage.prompt_image_tokens);
    add("output", usage.output_tokens, usage.output_image_tokens);
    add("thought", usage.thought_tokens, 0);
  }

  void note(std::string_view name, std::chrono::microseconds took) {
    const auto found = std::find_if(windows_.begin(), windows_.end(), [name](const auto& entry) {
      return entry.name == name;
    });
    if (found != windows_.end()) {
      found->window->observe(took, std::chrono::steady_clock::now());
    }
  }

  prometheus::Registry registry_;

  // The former worker's metric names.
  Counter& accepted_ =
      add_counters(registry_, "worker_jobs_total", "Jobs accepted since the start.").Add({});
  Gauge& pending_ =
      add_gauges(registry_, "worker_jobs_pending", "Jobs that could run now.").Add({});
  Gauge& processing_ =
      add_gauges(registry_, "worker_jobs_processing", "Jobs that a worker holds.").Add({});
  Counter& completed_ =
      add_counters(registry_, "worker_jobs_completed", "Jobs completed since the start.").Add({});
  Counter& failed_ =
      add_counters(registry_, "worker_jobs_failed", "Jobs failed for good since the start.")
          .Add({});
  Gauge& active_workers_ =
      add_gauges(registry_, "worker_active_workers", "Workers that have joined the queue.").Add({});
  Gauge& average_job_time_ =
      add_gauges(registry_, "worker_average_job_time", "Mean run time of completed jobs in ms.")
          .Add({});
  Gauge& success_rate_ =
      add_gauges(registry_, "worker_success_rate", "Completed share of all ended jobs, 0 to 1.")
          .Add({});

  // Jobs.
  histograms& stage_duration_ = add_histograms(
      registry_, "stayler_job_stage_duration_seconds", "Time that jobs spend in a stage."
  );
  Histogram& queue_wait_ = add_histograms(
                               registry_,
                               "stayler_job_queue_wait_seconds",
                               "Time from when a job could first have run to its start."
  )
                               .Add({}, long_times());
  histograms& job_duration_ = add_histograms(
      registry_, "stayler_job_duration_seconds", "Run time of the attempt that completed a job."
  );
  counters& attempts_ = add_counters(
      registry_, "stayler_job_attempts_total", "Attempts that have ended, by how and why."
  );
  Gauge& scheduled_ =
      add_gauges(registry_, "stayler_jobs_scheduled", "Jobs that wait for their time.").Add({});
  Counter& cancelled_ =
      add_counters(registry_, "stayler_jobs_cancelled_total", "Jobs cancelled.").Add({});
  Counter& interrupted_ =
      add_counters(registry_, "stayler_jobs_interrupted_total", "Leases that came back unfinished.")
          .Add({});
  Counter& stale_reports_ = add_counters(
                                registry_,
                                "stayler_stale_reports_total",
                                "Reports refused because their lease had moved on."
  )
                                .Add({});
  Counter& ambiguous_calls_ =
      add_counters(
          registry_,
          "stayler_ambiguous_calls_total",
          "Calls to the provider whose worker was lost: nobody knows whether they were paid for."
      )
          .Add({});
  Counter& repaired_ = add_counters(
                           registry_,
                           "stayler_store_repairs_total",
                           "Faults of the job store's indexes that an audit repaired; should be 0."
  )
                           .Add({});

  // The provider.
  counters& provider_requests_ = add_counters(
      registry_, "stayler_gemini_requests_total", "Requests to the provider that have ended."
  );
  Histogram& provider_duration_ =
      add_histograms(
          registry_, "stayler_gemini_request_duration_seconds", "Time of requests to the provider."
      )
          .Add({}, long_times());
  counters& tokens_ = add_counters(
      registry_, "stayler_gemini_tokens_total", "Tokens as the provider counted them."
  );

  Counter& provider_cost_ =
      add_counters(registry_, "stayler_gemini_cost_dollars_total", "What calls have cost.").Add({});
  Gauge& breaker_ = add_gauges(
                        registry_,
                        "stayler_gemini_breaker_state",
                        "The circuit breaker: 0 closed, 1 open, 2 half open."
  )
                        .Add({});
  Gauge& provider_limit_ =
      add_gauges(registry_, "stayler_gemini_concurrency_limit", "Calls allowed at a time.").Add({});
  Gauge& provider_in_flight_ =
      add_gauges(registry_, "stayler_gemini_calls_in_flight", "Calls under way.").Add({});
  Gauge& provider_waiting_ =
      add_gauges(registry_, "stayler_gemini_calls_waiting", "Calls that wait for their turn.")
          .Add({});
  Gauge& provider_quota_ = add_gauges(
                               registry_,
                               "stayler_gemini_requests_per_minute",
                               "The quota, as found so far; 0 where none was met."
  )
                               .Add({});
  Gauge& provider_closed_until_ = add_gauges(
                                      registry_,
                                      "stayler_gemini_closed_until_seconds",
                                      "No call is sent before that time since the epoch; 0: open."
  )
                                      .Add({});

  // The result cache.
  Counter& cache_hits_ = add_counters(
                             registry_,
                             "stayler_result_cache_hits_total",
                             "Calls to the provider that the cache saved."
  )
                             .Add({});
  Counter& cache_misses_ =
      add_counters(
          registry_, "stayler_result_cache_misses_total", "Pictures that the cache did not have."
      )
          .Add({});
  Gauge& cache_entries_ =
      add_gauges(registry_, "stayler_result_cache_entries", "Pictures in the cache.").Add({});
  Gauge& cache_bytes_ =
      add_gauges(registry_, "stayler_result_cache_bytes", "Size of the cache's files.").Add({});

  // Notifications.
  Gauge& notifications_open_ =
      add_gauges(
          registry_, "stayler_notifications_open", "Notifications neither delivered nor given up."
      )
          .Add({});
  Counter& notifications_delivered_ =
      add_counters(registry_, "stayler_notifications_delivered_total", "Notifications delivered.")
          .Add({});
  Counter& notifications_given_up_ =
      add_counters(
          registry_,
          "stayler_notifications_given_up_total",
          "Notifications given up: refused, failed too often, or too many."
      )
          .Add({});
  Counter& notifications_unsaved_ =
      add_counters(
          registry_,
          "stayler_notifications_unsaved_total",
          "Notifications taken over into memory alone, for the outbox was away."
      )
          .Add({});

  // Nodes.
  Gauge& nodes_connected_ =
      add_gauges(registry_, "stayler_nodes_connected", "Worker nodes that have joined.").Add({});
  gauges& node_slots_ =
      add_gauges(registry_, "stayler_node_slots", "Workers of each node that has joined.");
  gauges& node_busy_ =
      add_gauges(registry_, "stayler_node_slots_busy", "Those of them that have a job.");
  Counter& nodes_joined_ =
      add_counters(registry_, "stayler_nodes_joined_total", "Worker nodes taken in.").Add({});
  Counter& nodes_lost_ = add_counters(
                             registry_,
                             "stayler_nodes_lost_total",
                             "Worker nodes given up: their connection broke, or they were silent."
  )
                             .Add({});
  Counter& nodes_refused_ = add_counters(
                                registry_,
                                "stayler_nodes_refused_total",
                                "Worker nodes of another version, or name in use."
  )
                                .Add({});
  Counter& attempts_adopted_ = add_counters(
                                   registry_,
                                   "stayler_attempts_adopted_total",
                                   "Attempts that were begun under another coordinator."
  )
                                   .Add({});
  Gauge& coordinator_connected_ = add_gauges(
                                      registry_,
                                      "stayler_coordinator_connected",
                                      "Of a worker node: 1 while it belongs to a coordinator."
  )
                                      .Add({});
  Counter& coordinators_joined_ =
      add_counters(
          registry_, "stayler_coordinators_joined_total", "Of a worker node: coordinators joined."
      )
          .Add({});
  Counter& coordinators_lost_ =
      add_counters(
          registry_, "stayler_coordinators_lost_total", "Of a worker node: coordinators lost."
      )
          .Add({});

  // The rest.
  Histogram& batch_size_ =
      add_histograms(registry_, "stayler_store_batch_size", "Changes written to the store at once.")
          .Add({}, batch_sizes());
  Histogram& batch_duration_ =
      add_histograms(
          registry_, "stayler_store_batch_duration_seconds", "Time to write a batch of changes."
      )
          .Add({}, short_times());
  counters& http_requests_ =
      add_counters(registry_, "stayler_http_requests_total", "HTTP requests answered.");
  histograms& http_duration_ = add_histograms(
      registry_, "stayler_http_request_duration_seconds", "Time to answer HTTP requests."
  );
  counters& restarts_ =
      add_counters(registry_, "stayler_actor_restarts_total", "Actors restarted, by their kind.");
  Counter& lost_slots_ =
      add_counters(
          registry_,
          "stayler_codec_slots_lost_total",
          "Calls of the image library that have not come back; each has cost a thread."
      )
          .Add({});
  gauges& mailboxes_ = add_gauges(
      registry_, "stayler_actor_mailbox_messages", "Longest mailbox of each kind of actor."
  );
  Gauge& written_off_ =
      add_gauges(
          registry_, "stayler_actors_written_off", "Actors that are stuck, each with its thread."
      )
          .Add({});
  Gauge& resident_memory_ =
      add_gauges(registry_, "process_resident_memory_bytes", "Memory of the process in RAM.")
          .Add({});

  std::map<std::pair<std::string_view, error_class>, Counter*> attempt_counters_;
  bounded_names routes_{64};
  bounded_names actors_{32};
  bounded_names node_names_{256};
  std::map<std::string, std::pair<Gauge*, Gauge*>> node_gauges_;
  std::array<type_count, 2> finished_{
      {{job_type::image_conversion, 0, 0, 0}, {job_type::image_processing, 0, 0, 0}}};
  std::array<named_window, 8> windows_{
      {{"queue_wait"},
       {"downloading"},
       {"converting"},
       {"processing"},
       {"uploading"},
       {"recording"},
       {"notifying"},
       {"total"}}};
};

}  // namespace

std::unique_ptr<metrics_registry> make_prometheus_registry(const std::string& version) {
  return std::make_unique<prometheus_registry>(version);
}

}  // namespace stayler::adapters
