// SPDX-License-Identifier: MIT
#pragma once

#include "actors/worker/attempt_report.hpp"
#include "actors/worker/attempt_steps.hpp"
#include "actors/worker/worker_context.hpp"

namespace stayler::actors {

/// Executes one job at a time, as a state machine over messages:
///
///   idle --assign--> running --the last step, a failure, a cancel ...--> ended --reported--> idle
///
/// Running, it takes the steps of attempt_steps and is in the stage of the latest one:
///
///   downloading -> converting -> processing -> uploading -> recording -> notifying
///
/// Once the attempt has ended, attempt_report tells the queue how. Meanwhile, and until the queue
/// knows, the lease is renewed. A worker that is to retire ends when it is next idle.
class worker_state {
 public:
  static inline const char* name = "worker";

  using pointer = worker_impl::stateful_pointer<worker_state>;

  worker_state() = default;
  worker_state(const worker_state&) = delete;
  worker_state& operator=(const worker_state&) = delete;

  /// Joins the queue.
  void begin(pointer self, worker_options options);
  worker_impl::behavior_type make_behavior();

 private:
  void assign(job& leased);
  void cancel(const attempt_id& attempt);
  void release();
  void retire();
  void change_settings(settings& changed);

  void renew_lease(const attempt_id& attempt);
  void time_out(const attempt_id& attempt);
  void report_again(const attempt_id& attempt);
  void retry_step(const attempt_id& attempt);

  void on_idle();
  void leave_queue();

  worker_context context_;
  attempt_report report_{context_, [this] { on_idle(); }};
  attempt_steps steps_{context_, report_};
  bool is_retiring_ = false;
};

worker_impl::behavior_type worker(worker_state::pointer self, worker_options options);

}  // namespace stayler::actors
