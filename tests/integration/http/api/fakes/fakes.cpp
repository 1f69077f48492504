// SPDX-License-Identifier: MIT
#include "tests/integration/http/api/fakes/fakes.hpp"

#include "actors/support/reply_promise.hpp"
#include "adapters/config/settings_rules.hpp"
#include "tests/integration/http/api/fakes/fake_images.hpp"
#include "tests/integration/http/api/fakes/fake_notifier.hpp"
#include "tests/integration/http/api/fakes/fake_queue.hpp"
#include "tests/integration/http/api/fakes/fake_records.hpp"
#include "tests/integration/http/api/fakes/fake_user_data.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace stayler::test {

using namespace std::chrono_literals;
using actors::to_error;

namespace {

struct fake_metrics_state {
  std::vector<http_event> seen;
  http_memory_report memory;
  std::size_t routes = 0;
  std::uint64_t streams = 0;
  certificate_event certificate;
};

metrics_actor::behavior_type fake_metrics(metrics_actor::stateful_pointer<fake_metrics_state> self
) {
  return {
      [](const queue_report&) {},
      [](const workload_report&) {},
      [](const spending_report&) {},
      [](const health_report&) {},
      [](const stage_event&) {},
      [](const provider_event&) {},
      [](const provider_status&) {},
      [](const cache_event&) {},
      [self](const std::vector<http_event>& events) {
        self->state.seen.insert(self->state.seen.end(), events.begin(), events.end());
      },
      [self](const route_report& report) { self->state.routes = report.routes.size(); },
      [self](const event_streams_report& report) { self->state.streams = report.open; },
      [](const audit_report&) {},
      [](const notification_report&) {},
      [](const span_report&) {},
      [](const restart_event&) {},
      [](const codec_status&) {},
      [self](const certificate_event& event) { self->state.certificate = event; },
      [self](const http_memory_report& report) { self->state.memory = report; },
      [](const tree_report&) {},
      [](const node_report&) {},
      [](const link_report&) {},
      [self](render_atom) {
        std::string text = std::to_string(self->state.routes) + " routes, "
                           + std::to_string(self->state.streams) + " event streams";
        if (self->state.certificate.shown_to == certificate_event::use::nodes) {
          text += ", nodes until " + to_rfc3339(self->state.certificate.expiry);
        }
        text += "\n";
        for (const auto& share : self->state.memory.shares) {
          text += share.name + " refused " + std::to_string(share.refused) + "\n";
        }
        for (const auto& event : self->state.seen) {
          text += event.method + " " + event.route + " " + std::to_string(event.status) + "\n";
        }
        return text;
      },
      [](status_atom) {
        latency_report report;
        report.stages.push_back({"total", 7, 0.5, 1, 2});
        return report;
      },
  };
}

health_actor::behavior_type fake_health() {
  health_report report;
  report.state = health_state::degraded;
  report.is_ready = false;
  report.has_started = true;
  report.checks.push_back({"gemini", health_state::degraded, "slow", 5ms});
  health_report of_readiness = report;
  of_readiness.checks = {{"codec", health_state::unhealthy, "no filter", 1ms}};
  return {
      [report](status_atom) { return report; },
      [of_readiness](probe_atom) { return of_readiness; },
  };
}

struct fake_supervisor_state {
  settings config;
  bool is_running = true;
};

using supervisor_pointer = supervisor_actor::stateful_pointer<fake_supervisor_state>;

caf::result<unit_value> switch_to(supervisor_pointer self, bool running) {
  if (self->state.is_running == running) {
    return to_error({error_class::conflict, running ? "already running" : "already stopped"});
  }
  self->state.is_running = running;
  return unit_value{};
}

supervisor_actor::behavior_type fake_supervisor(
    supervisor_pointer self, const actors::directory& parts
) {
  self->state.config.retry.max_retries = 4;
  self->state.config.webhook_url_allow = "hooks.example.com";
  return {
      [self](start_atom) { return switch_to(self, true); },
      [self](drain_atom, milliseconds) { return switch_to(self, false); },
      [](shutdown_atom, milliseconds) { return unit_value{}; },
      [](workers_atom) {
        return std::vector<worker_status>{{"w1", "here", false, {}, {}, {}, 3, 1}};
      },
      [self](settings_atom) { return self->state.config; },
      [self](settings_atom, const std::vector<settings_change>& changes) {
        auto update = adapters::apply_changes(self->state.config, changes);
        self->state.config = update.effective;
        return update;
      },
      [](tree_atom) {
        tree_status tree;
        tree.max_restarts = 10;
        tree.core.push_back(
            {"queue",
             child_state::running,
             restart_rule::permanent,
             {"metrics"},
             2,
             {},
             5,
             {},
             "it threw"}
        );
        return tree;
      },
      [](fault_atom, const std::string& child, milliseconds hang_for) -> caf::result<unit_value> {
        if (child == "queue" && hang_for < milliseconds{2'000}) {
          return unit_value{};
        }
        return to_error({error_class::permission, "chaos is off"});
      },
      [parts](watch_atom, const caf::actor& watcher) { caf::anon_send(watcher, parts); },
  };
}

template <class Actor>
Actor keep(std::vector<caf::actor>& all, Actor made) {
  all.push_back(caf::actor_cast<caf::actor>(made));
  return made;
}

}  // namespace

fake_actors spawn_fakes(caf::actor_system& system, bool has_parts) {
  fake_actors made;
  auto& all = made.all;
  if (has_parts) {
    const auto images = std::make_shared<fake_rows>();
    made.parts.queue = keep(all, spawn_fake_queue(system));
    made.parts.records = keep(all, system.spawn(fake_records, images));
    made.parts.library = keep(all, spawn_fake_library(system, images));
    made.parts.blobs = keep(all, spawn_fake_blobs(system, made.parts.library));
    made.parts.images = keep(all, spawn_fake_processor(system));
    made.parts.user_data = keep(all, spawn_fake_user_data(system, images));
    made.parts.notifier = keep(all, spawn_fake_notifier(system));
    made.parts.metrics = keep(all, system.spawn(fake_metrics));
    made.parts.health = keep(all, system.spawn(fake_health));
  }
  made.supervisor = keep(all, system.spawn(fake_supervisor, made.parts));
  return made;
}

}  // namespace stayler::test
