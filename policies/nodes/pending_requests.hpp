// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"

#include <cstdint>
#include <functional>
#include <map>

namespace stayler::policies {

/// Names a request that was sent; no number is given twice.
using request_number = std::uint64_t;

/// A request to a coordinator, which is not answered yet.
struct pending_request {
  std::function<void(request_number)> send;  ///< to the coordinator that is there
  std::function<void(const failure&)> fail;  ///< the answer where there will be no other
  bool is_repeatable = true;                 ///< may be sent again to the next coordinator
};

/// The requests of a node that its coordinator has not answered: those that were sent, and those
/// that wait for the next coordinator. Each ends with `take` or with `fail`, once. Not thread-safe.
class pending_requests {
 public:
  /// Sends the request to the coordinator that is there.
  void send(pending_request request);

  /// Keeps the request for the next coordinator.
  void hold(pending_request request);

  /// An answer to that request is here: true where it counts, which ends the request. False for one
  /// that has ended, or was sent to a coordinator that was lost since.
  bool take(request_number number);

  /// The coordinator is lost: of what was sent to it, what is repeatable waits for the next one,
  /// and the rest fails.
  void on_coordinator_lost(const failure& why);

  /// There is a coordinator: sends all that waits, in the order in which it was asked.
  void send_waiting();

  /// There will be no coordinator in time: fails all that waits.
  void fail_waiting(const failure& why);

 private:
  using requests = std::map<request_number, pending_request>;

  requests sent_;
  requests waiting_;
  request_number last_number_ = 0;
};

}  // namespace stayler::policies
