// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/queue_context.hpp"

#include <vector>

namespace stayler::actors {

/// Tells the application what it has to know of its jobs: the records keep where each conversion
/// stands, the notifier passes on how each job has ended. What a worker does with a job the worker
/// tells; this is for the rest.
class job_notice_sender {
 public:
  explicit job_notice_sender(const queue_context& context) : context_(context) {}

  /// A new job is in the store. It is told with flush_accepted(), or before anything else is.
  void add_accepted(const job& accepted);

  /// Has the conversions of all new jobs recorded, with one message. To be called before the jobs
  /// are given to workers, who have them recorded, too.
  void flush_accepted();

  /// A job is a dead letter, or was cancelled.
  void send_ended(const job& ended);

  /// Has a conversion recorded, and again while the records are away.
  void record(const conversion_update& update);

 private:
  const queue_context& context_;
  std::vector<conversion_update> accepted_;
};

}  // namespace stayler::actors
