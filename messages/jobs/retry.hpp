// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/base/time.hpp"

namespace stayler {

/// What is to become of a job whose attempt failed.
struct retry_decision {
  bool will_retry = false;  ///< false: dead letter
  timestamp due_at;         ///< when the next attempt may start
  bool refund = false;      ///< the attempt does not count as the job's own failure

  friend bool operator==(const retry_decision&, const retry_decision&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, retry_decision& x) {
  return f(x.will_retry, x.due_at, x.refund);
}

}  // namespace stayler
