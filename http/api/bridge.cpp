// SPDX-License-Identifier: MIT
#include "http/api/bridge.hpp"

#include "adapters/log/log.hpp"

namespace stayler::http {

namespace {

using adapters::logs::http::log;

constexpr milliseconds settings_timeout{5'000};

/// How old an answer may become before it is counted.
constexpr milliseconds longest_delay{100};

void pass_on(bridge_self* self, traffic_tally& traffic) {
  auto events = traffic.take();
  if (!events.empty() && self->state.parts && self->state.parts->metrics) {
    self->send(self->state.parts->metrics, std::move(events));
  }
}

/// Adopts a directory together with the settings of its time. Every submitted job needs the
/// settings, so they are kept at hand; between two directories they change only through this
/// bridge.
void adopt(bridge_self* self, const actors::directory& parts) {
  self->request(self->state.supervisor, settings_timeout, settings_atom_v)
      .then(
          [self, parts](settings& current) {
            self->state.config = std::move(current);
            self->state.parts = parts;
          },
          [self, parts](const caf::error& error) {
            const failure why = actors::to_failure(error);
            log.warning(
                "cannot get the settings", {{"errorClass", why.kind}, {"reason", why.message}}
            );
            self->state.parts = parts;
          }
      );
}

caf::behavior bridge_behavior(bridge_self* self, const supervisor_actor& supervisor) {
  self->state.supervisor = supervisor;
  self->send(supervisor, watch_atom_v, caf::actor_cast<caf::actor>(self));
  return {
      [self](const actors::directory& parts) { adopt(self, parts); },
      [self](const bridge_task& task) { guarded([&] { task.run(self); }); },
  };
}

}  // namespace

bridge::bridge(caf::actor_system& system, const supervisor_actor& supervisor, milliseconds timeout)
    : actor_(system.spawn(bridge_behavior, supervisor)),
      timeout_(timeout),
      traffic_(std::make_shared<traffic_tally>()) {}

void bridge::stop() const {
  caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
}

void bridge::run(std::function<void(bridge_self*)> task) const {
  caf::anon_send(actor_, bridge_task{std::move(task)});
}

void bridge::run_later(milliseconds delay, std::function<void(bridge_self*)> task) const {
  run([delay, task = std::move(task)](bridge_self* self) {
    self->delayed_send(self, delay, bridge_task{task});
  });
}

void bridge::count(http_event event) const {
  switch (traffic_->add(std::move(event))) {
    case traffic_tally::next_step::none:
      return;
    case traffic_tally::next_step::take_later:
      run_later(longest_delay, [traffic = traffic_](bridge_self* self) {
        pass_on(self, *traffic);
      });
      return;
    case traffic_tally::next_step::take_now:
      flush_counts();
      return;
  }
}

void bridge::flush_counts() const {
  run([traffic = traffic_](bridge_self* self) { pass_on(self, *traffic); });
}

failure bridge::unavailable() {
  return {
      error_class::unavailable, "the part of the service that this needs is not up (yet)",
      milliseconds{1'000}};
}

void report_exception(const std::exception& e) {
  log.error("a request could not be answered", {{"reason", e.what()}});
}

}  // namespace stayler::http
