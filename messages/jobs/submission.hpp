// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/jobs/job.hpp"

#include <cstdint>

namespace stayler {

/// The answer to a submitted job.
struct submit_receipt {
  job accepted;
  bool is_duplicate = false;  ///< the job existed: same idempotency key, or conversion in flight

  friend bool operator==(const submit_receipt&, const submit_receipt&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, submit_receipt& x) {
  return f(x.accepted, x.is_duplicate);
}

/// What became of one job of a batch: `error`, or the receipt.
struct submit_answer {
  failure error;
  submit_receipt receipt;

  friend bool operator==(const submit_answer&, const submit_answer&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, submit_answer& x) {
  return f(x.error, x.receipt);
}

/// What became of the dead letters that were to be retried.
struct retry_report {
  std::uint64_t retried = 0;
  std::uint64_t refused = 0;  ///< their conversion is in flight again

  friend bool operator==(const retry_report&, const retry_report&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, retry_report& x) {
  return f(x.retried, x.refused);
}

}  // namespace stayler
