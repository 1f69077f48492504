// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/tracing/span_buffer.hpp"
#include "http/api/bridge.hpp"
#include "messages/jobs/submission.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace stayler::http {

/// Brings jobs to the queue: those that come together go in one message. Used on the bridge's actor
/// only.
class job_intake : public std::enable_shared_from_this<job_intake> {
 public:
  using on_answers = std::function<void(result<std::vector<submit_answer>>)>;

  /// `timeout`: for an answer of the queue. `spans` may be null: nothing is recorded.
  job_intake(milliseconds timeout, adapters::span_buffer_ptr spans)
      : timeout_(timeout), spans_(std::move(spans)) {}

  /// `done` gets, once, what became of each of the jobs, of which there may be a thousand; or why
  /// none of them was taken. All that becomes of them is below one span, which is below `trace`.
  void submit(
      bridge_self* self, std::vector<job_request> jobs, const trace_context& trace, on_answers done
  );

 private:
  struct group {
    std::vector<job_request> jobs;
    on_answers done;
  };

  [[nodiscard]] on_answers recorded(adapters::span sending, on_answers done) const;
  void flush(bridge_self* self);
  void send(bridge_self* self, std::vector<group> groups) const;

  milliseconds timeout_;
  adapters::span_buffer_ptr spans_;
  std::vector<group> waiting_;
};

}  // namespace stayler::http
