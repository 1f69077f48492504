// SPDX-License-Identifier: MIT
#pragma once

#include "actors/worker/worker_context.hpp"

#include <functional>

namespace stayler::actors {

/// Ends the worker's attempt. It is decided once how an attempt ended; the outcome is then reported
/// until the queue has it, or refuses it because the lease has moved on:
///
///   running --complete, fail, time out, hand back--> ended --reported--> (idle)
///                                                     |  ^
///                                            no answer|  |report again, a second later
///                                                     +--+
///
/// A stored result that nothing refers to is removed on the way.
class attempt_report {
 public:
  /// Both outlive this. `on_idle` is called after the attempt is gone.
  attempt_report(worker_context& context, std::function<void()> on_idle)
      : context_(context), on_idle_(std::move(on_idle)) {}

  /// The attempt has made its result.
  void complete();

  /// The attempt has failed.
  void fail(const failure& error);

  /// The attempt has had its job's timeout: aborts the provider's call, and fails.
  void time_out();

  /// Aborts the provider's call, and gives the lease back unfinished.
  void hand_back();

  /// Reports the outcome of the attempt, which has ended.
  void send();

 private:
  void end(attempt_outcome outcome);
  void on_not_reported(const failure& why);
  void remove_result();
  void become_idle();

  worker_context& context_;
  std::function<void()> on_idle_;
};

}  // namespace stayler::actors
