// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/directory.hpp"
#include "actors/support/failure.hpp"
#include "http/api/traffic_tally.hpp"
#include "messages/protocol.hpp"

#include <caf/all.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace stayler::http {

/// What the bridge's actor knows.
struct bridge_state {
  static inline const char* name = "http_bridge";

  supervisor_actor supervisor;
  std::optional<actors::directory> parts;  ///< nothing before the supervisor has sent the first
  settings config;                         ///< the current ones
};

using bridge_self = caf::stateful_actor<bridge_state>;

/// Something to be done on the bridge's actor. Local to a process.
struct bridge_task {
  std::function<void(bridge_self*)> run;
};

/// Logs what an endpoint threw.
void report_exception(const std::exception& e);

/// Runs a part of an endpoint. An exception must not take the bridge down, and with it all other
/// requests: the one at fault loses its responder, which answers 500.
template <class Task>
void guarded(Task task) {
  try {
    task();
  } catch (const std::exception& e) {
    report_exception(e);
  }
}

/// Where HTTP, which has callbacks, meets the actors, which have messages: one actor that sends the
/// messages of all HTTP requests and gets the answers. It follows the directory, so that a message
/// always reaches the current actor. Its functions may be called from any thread; what is to be
/// done with an answer is run on the bridge's actor, and must not block. A copy is the same bridge.
class bridge {
 public:
  /// `timeout`: for an answer.
  bridge(caf::actor_system& system, const supervisor_actor& supervisor, milliseconds timeout);

  /// Ends the actor; requests under way are dropped. To be called before the actor system ends.
  void stop() const;

  /// Runs the task on the bridge's actor.
  void run(std::function<void(bridge_self*)> task) const;

  /// The same after so long.
  void run_later(milliseconds delay, std::function<void(bridge_self*)> task) const;

  /// Has an answered request counted, soon.
  void count(http_event event) const;

  /// Has all counted that was answered so far, before anything that is asked after this.
  void flush_counts() const;

  /// Gives the metrics that report, before what is asked of them after this; lost while there are
  /// none.
  template <class Report>
  void tell_metrics(Report report) const {
    run([report = std::move(report)](bridge_self* self) {
      if (self->state.parts && self->state.parts->metrics) {
        self->send(self->state.parts->metrics, report);
      }
    });
  }

  /// How long an answer may take.
  [[nodiscard]] milliseconds timeout() const noexcept { return timeout_; }

  /// What is answered in place of an actor that is not there.
  static failure unavailable();

  /// Asks the current actor of that role; `done` gets the answer, once. A role that is not filled
  /// is `unavailable`.
  template <class Answer, class Handle, class Done, class... Args>
  void ask(Handle actors::directory::*role, Done done, Args... args) const {
    run([role, done, limit = timeout_, args...](bridge_self* self) {
      const auto& parts = self->state.parts;
      if (!parts || !((*parts).*role)) {
        finish<Answer>(done, unavailable());
      } else {
        send<Answer>(self, (*parts).*role, limit, done, args...);
      }
    });
  }

  /// Asks the supervisor; `extra` is added to the time that it has.
  template <class Answer, class Done, class... Args>
  void ask_supervisor(milliseconds extra, Done done, Args... args) const {
    run([done, limit = timeout_ + extra, args...](bridge_self* self) {
      send<Answer>(self, self->state.supervisor, limit, done, args...);
    });
  }

 private:
  template <class Answer, class Handle, class Done, class... Args>
  static void send(
      bridge_self* self, const Handle& receiver, milliseconds limit, Done done, const Args&... args
  ) {
    self->request(receiver, limit, args...)
        .then(
            [done](Answer& answer) { finish<Answer>(done, std::move(answer)); },
            [done](const caf::error& error) { finish<Answer>(done, actors::to_failure(error)); }
        );
  }

  template <class Answer, class Done>
  static void finish(const Done& done, result<Answer> answer) {
    guarded([&] { done(std::move(answer)); });
  }

  caf::actor actor_;
  milliseconds timeout_;
  std::shared_ptr<traffic_tally> traffic_;
};

}  // namespace stayler::http

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::http::bridge_task)
