// SPDX-License-Identifier: MIT
#pragma once

// Actors under a scheduler that runs only when it is told to, and a time that passes only when it
// is told to: the same test takes the same course every time, and an hour takes a millisecond.

#include "actors/support/failure.hpp"
#include "actors/support/message_types.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/log/log.hpp"
#include "messages/protocol.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

namespace stayler::test {

/// Something that the fixture's client actor is to do.
struct errand {
  std::function<void(caf::event_based_actor*)> run;
};

}  // namespace stayler::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::test::errand)

namespace stayler::test {

/// Where virtual time starts: 2026-01-01T00:00:00Z.
inline constexpr timestamp base_date{milliseconds{1'767'225'600'000}};

/// Wall-clock time that passes with the scheduler's.
class virtual_wall_clock final : public adapters::wall_clock {
 public:
  explicit virtual_wall_clock(const caf::actor_clock& source)
      : source_(source), start_(source.now()) {}

  [[nodiscard]] timestamp now() const override {
    return base_date + std::chrono::duration_cast<milliseconds>(source_.now() - start_);
  }

 private:
  const caf::actor_clock& source_;
  caf::actor_clock::time_point start_;
};

/// The answer to a request that may not have come yet.
template <class T>
class pending {
 public:
  [[nodiscard]] bool has_answer() const { return slot_->has_value(); }

  /// Throws, and so fails the test, where the answer has not come.
  [[nodiscard]] const result<T>& answer() const {
    if (!has_answer()) {
      throw std::logic_error("the request has not been answered (yet)");
    }
    return **slot_;
  }

 private:
  friend class fixture;
  std::shared_ptr<std::optional<result<T>>> slot_ = std::make_shared<std::optional<result<T>>>();
};

/// One actor system, deterministic. Make one per test case (TEST_CASE_METHOD does), never two at a
/// time. Everything spawned through it is ended with it. Nothing may touch its actors from another
/// thread.
class fixture {
 public:
  fixture() : scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())) {
    settings quiet;
    quiet.log_level = "off";
    adapters::configure_log(quiet, {});
    // CAF takes the epoch of its clock for "no timeout".
    scheduler_.clock().current_time += std::chrono::hours{1};
    clock_ = std::make_shared<virtual_wall_clock>(scheduler_.clock());
    client_ = system_.spawn([](caf::event_based_actor* self) -> caf::behavior {
      return {[self](const errand& what) { what.run(self); }};
    });
  }

  ~fixture() {
    let_stuck_go();
    for (const auto& ref : spawned_) {
      if (const auto hdl = caf::actor_cast<caf::actor>(ref)) {
        caf::anon_send_exit(hdl, caf::exit_reason::kill);
      }
    }
    caf::anon_send_exit(client_, caf::exit_reason::kill);
    client_ = nullptr;
    run();
    if (const auto left = system_.registry().running(); left > 0) {
      // Without this the destructor of the system would wait for them forever.
      std::fprintf(stderr, "fixture: %zu actors outlive the test\n", left);
      std::abort();
    }
  }

  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  caf::actor_system& system() { return system_; }
  caf::scheduler::test_coordinator& scheduler() { return scheduler_; }

  /// For actors that are given a clock.
  [[nodiscard]] std::shared_ptr<adapters::wall_clock> clock() const { return clock_; }
  [[nodiscard]] timestamp now() const { return clock_->now(); }

  /// Spawns a function-based actor (also those that are detached in the service) and lets it start.
  template <class Function, class... Args>
  auto spawn(Function behaviour, Args&&... args) {
    auto hdl = system_.spawn(behaviour, std::forward<Args>(args)...);
    spawned_.push_back(caf::actor_cast<caf::weak_actor_ptr>(hdl));
    run();
    return hdl;
  }

  /// Spawns an untyped actor (`caf::behavior f(caf::event_based_actor*, args...)`) in the place of
  /// a typed one: a fake that knows only those messages of the interface that the test is about.
  template <class Handle, class Function, class... Args>
  Handle spawn_fake(Function behaviour, Args&&... args) {
    return caf::actor_cast<Handle>(spawn(behaviour, std::forward<Args>(args)...));
  }

  /// Delivers messages until nobody has any left; time stands still. A number of deliveries that
  /// no test needs means that two actors send to each other for ever, and fails the test.
  void run() {
    for (std::size_t i = 0;; ++i) {
      set_stuck_aside();
      if (!scheduler_.try_run_once()) {
        return;
      }
      if (i > 10'000'000) {
        throw std::logic_error("the actors never come to rest");
      }
    }
  }

  /// From now on the actor does nothing, as one does whose handler never returns.
  template <class Handle>
  void make_stuck(const Handle& whom) {
    stuck_.insert(dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(whom)));
  }

  /// The handlers of all that are stuck return.
  void let_stuck_go() {
    stuck_.clear();
    scheduler_.jobs.insert(scheduler_.jobs.end(), aside_.begin(), aside_.end());
    aside_.clear();
    run();
  }

  /// Lets time pass, in steps, so that a timeout which is set on the way can also end on the way.
  template <class Rep, class Period>
  void advance(std::chrono::duration<Rep, Period> by, milliseconds step = milliseconds{10}) {
    run();
    for (auto left = std::chrono::duration_cast<milliseconds>(by); left.count() > 0;) {
      const auto next = std::min(left, step);
      scheduler_.advance_time(next);
      run();
      left -= next;
    }
  }

  /// Sends a request with an infinite timeout and runs; the answer may come later. A CAF error
  /// arrives as the failure that it stands for.
  template <class T, class Handle, class... Args>
  pending<T> ask(const Handle& whom, Args... args) {
    pending<T> question;
    auto slot = question.slot_;
    caf::anon_send(client_, errand{[slot, whom, args...](caf::event_based_actor* self) {
                     self->request(whom, caf::infinite, args...)
                         .then(
                             [slot](T& value) { slot->emplace(std::move(value)); },
                             [slot](caf::error& e) { slot->emplace(actors::to_failure(e)); }
                         );
                   }});
    run();
    return question;
  }

  /// Asks and expects the answer without any time passing.
  template <class T, class Handle, class... Args>
  result<T> call(const Handle& whom, Args... args) {
    return ask<T>(whom, std::move(args)...).answer();
  }

  /// Sends a message that has no answer, and runs.
  template <class Handle, class... Args>
  void tell(const Handle& whom, Args&&... args) {
    caf::anon_send(whom, std::forward<Args>(args)...);
    run();
  }

  /// Ends an actor as if it had crashed, and lets everybody take notice.
  template <class Handle>
  void kill(const Handle& whom, caf::exit_reason why = caf::exit_reason::kill) {
    caf::anon_send_exit(whom, why);
    run();
  }

  /// Looks into the state of an actor that is at rest.
  template <class State, class Handle>
  static State& state_of(const Handle& whom) {
    using actor_type = typename Handle::template stateful_base<State>;
    return dynamic_cast<actor_type&>(*caf::actor_cast<caf::abstract_actor*>(whom)).state;
  }

 private:
  struct deterministic_config : caf::actor_system_config {
    deterministic_config() {
      set("scheduler.policy", caf::atom("testing"));
      actors::add_message_types(*this);
    }
  };

  void set_stuck_aside() {
    auto& jobs = scheduler_.jobs;
    while (!stuck_.empty() && !jobs.empty() && stuck_.count(jobs.front()) > 0) {
      aside_.push_back(jobs.front());
      jobs.pop_front();
    }
  }

  deterministic_config config_;
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator& scheduler_;
  std::shared_ptr<virtual_wall_clock> clock_;
  caf::actor client_;
  std::vector<caf::weak_actor_ptr> spawned_;
  std::set<caf::resumable*> stuck_;
  std::vector<caf::resumable*> aside_;  ///< of those that are stuck, who would have something to do
};

}  // namespace stayler::test
