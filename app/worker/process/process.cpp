// SPDX-License-Identifier: MIT
#include "app/worker/process/process.hpp"

#include "actors/support/message_types.hpp"
#include "adapters/log/log.hpp"
#include "app/worker/process/exit_guard.hpp"
#include "app/worker/process/http_front_end.hpp"
#include "app/worker/process/manager_report.hpp"
#include "app/worker/process/signals.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace stayler::app {

namespace {

using actors::service_adapters;

using adapters::logs::service::log;

constexpr int exit_ok = 0;
constexpr int exit_failure = 1;

/// After the drain's own timeout the rest of the shutdown takes this long at most.
constexpr std::chrono::seconds shutdown_margin{30};

/// What is left when everything has been closed ends at once, or never.
constexpr std::chrono::seconds exit_patience{3};

/// Calls of a remote image store and of the codec under way get this long when everything else has
/// ended. Each has a deadline of its own, but that may be a minute away.
constexpr std::chrono::seconds call_grace{2};

/// Waits until a signal or the supervisor's end; true where a signal came first.
bool wait_for_the_end(caf::scoped_actor& self) {
  bool was_signal = false;
  self->receive(
      [&](shutdown_atom, int signal) {
        was_signal = true;
        log.info("signal received", {{"signal", signal}});
      },
      [&](const caf::down_msg&) { log.critical("the supervisor has given up"); }
  );
  return was_signal;
}

int shut_down(caf::scoped_actor& self, const supervisor_actor& supervisor, const settings& config) {
  int code = exit_failure;
  const milliseconds timeout = config.shutdown_timeout;
  self->request(supervisor, timeout + shutdown_margin, shutdown_atom_v, timeout)
      .receive(
          [&](unit_value) { code = exit_ok; },
          [&](const caf::error& reason) {
            const failure why = actors::to_failure(reason);
            log.error("shutdown failed", {{"errorClass", why.kind}, {"reason", why.message}});
          }
      );
  return code;
}

/// How many actors may be stuck, each with a thread of the scheduler, while the others still run.
std::uint32_t bearable_losses(caf::actor_system& system, std::uint32_t most) {
  constexpr std::uint32_t threads_needed = 2;
  const auto threads = static_cast<std::uint32_t>(system.scheduler().num_workers());
  return std::min(most, std::max(threads, threads_needed) - threads_needed);
}

supervisor_actor start_supervisor(
    caf::scoped_actor& self,
    const settings& config,
    const service_adapters& ports,
    const process_plan& plan
) {
  caf::actor_system& system = self->system();
  actors::supervisor_options options;
  options.tree = plan.make_tree(system, ports);
  options.config = config;
  options.clock = ports.clock;
  options.max_restarts = config.max_restarts;
  options.restart_window = config.restart_window;
  options.worker_ping_timeout = config.ping_timeout;
  options.ping_interval = std::min(options.ping_interval, config.ping_timeout / 4);
  options.manager = plan.manager;
  if (const auto patience = plan.manager ? plan.manager->patience() : std::nullopt) {
    const auto share = std::chrono::ceil<milliseconds>(*patience / 4);
    options.ping_interval = std::min(options.ping_interval, share);
  }
  options.max_abandoned = bearable_losses(system, options.max_abandoned);
  // On a thread of its own: it has to act when all others are stuck.
  return self->spawn<caf::monitored + caf::detached>(actors::supervisor, std::move(options));
}

int serve(const settings& config, service_adapters ports, process_plan plan) {
  exit_guard guard;  // outlives the actor system
  caf::actor_system_config actor_config;
  actors::add_message_types(actor_config);
  // One queue of ready actors that its threads sleep on. CAF's usual policy steals work, and polls
  // for it: under a steady load that took a quarter of the process's time.
  actor_config.set("scheduler.policy", caf::atom("sharing"));
  plan.configure(actor_config);
  caf::actor_system system{actor_config};
  caf::scoped_actor self{system};
  const supervisor_actor supervisor = start_supervisor(self, config, ports, plan);

  front_end front{system, supervisor};
  manager_report report{plan.manager, config.role};
  const auto mailbox = caf::actor_cast<caf::actor>(self);
  const process_signals signals{
      [mailbox](int signal) { caf::anon_send(mailbox, shutdown_atom_v, signal); },
      [&front, &report] {
        log.info("SIGHUP: files are read again");
        report.reloads([&front] { front.reload(); });
      }};

  auto opened = plan.open(system, supervisor);
  if (opened) {
    opened = front.start(config, ports, std::move(plan.audit), plan.node_certificate_expiry);
  }
  int code = exit_failure;
  if (!opened) {
    log.critical(opened.error().message);
    front.stop();
    shut_down(self, supervisor, config);
  } else {
    report.serves();
    const bool is_asked_for = wait_for_the_end(self);
    report.ends();
    if (is_asked_for) {
      front.say_farewell();
      code = shut_down(self, supervisor, config);
    }
    front.stop();
  }
  plan.close();
  // Their threads speak to actors: they end before the actor system does.
  ports.notifications.reset();
  ports.web_images.reset();
  ports.http.reset();
  ports.detached_threads->wait_for_all(call_grace);
  log.info("stopped");
  guard.arm(code, exit_patience);
  return code;
}

}  // namespace

int run_process(const settings& config, service_adapters ports, process_plan plan) {
  const auto detached_threads = ports.detached_threads;
  const int code = serve(config, std::move(ports), std::move(plan));
  if (!detached_threads->wait_for_all(std::chrono::seconds{0})) {
    log.error("calls of the image store or the codec are still under way: leaving without them");
    // The usual exit would tear down what they use.
    std::quick_exit(code);
  }
  return code;
}

}  // namespace stayler::app
