// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/http_client/http_client.hpp"
#include "messages/base/error.hpp"
#include "messages/base/time.hpp"

namespace stayler::adapters {

/// What an answer means that is no 2xx.
struct s3_refusal {
  failure why;            ///< with the status, the store's code, and what to do about it
  bool may_pass = false;  ///< the same call may succeed a moment later
  bool is_about_credentials = false;  ///< the same call may succeed with others
};

/// Reads the answer, which came at that time by this machine's clock. What the store says of keys,
/// rights and clocks is an outage, no matter that it comes as 403: no job can do anything about it,
/// somebody mends it, and until then what was made must wait. So the classes are not_found
/// (NoSuchKey, NoSuchUpload), invalid_input (a range beyond the object), conflict (a condition that
/// does not hold) and unavailable.
s3_refusal read_s3_refusal(const http_response& answer, timestamp now);

}  // namespace stayler::adapters
