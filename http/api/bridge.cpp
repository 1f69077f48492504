// SPDX-License-Identifier: MIT
#include "http/api/bridge.hpp"

#include "adapters/log/log.hpp"

namespace stayler::http {

namespace {

using adapters::logs::http::log;

constexpr milliseconds settings_timeout{5'000};

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
      [self](const bridge_task& task) {
        try {
          task.run(self);
        } catch (const std::exception& e) {
          report_exception(e);
        }
      },
  };
}

}  // namespace

bridge::bridge(caf::actor_system& system, const supervisor_actor& supervisor, milliseconds timeout)
    : actor_(system.spawn(bridge_behavior, supervisor)), timeout_(timeout) {}

void bridge::stop() const {
  caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
}

void bridge::run(std::function<void(bridge_self*)> task) const {
  caf::anon_send(actor_, bridge_task{std::move(task)});
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
