// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <string>

namespace stayler::adapters {

/// One call of the API that changed something, or was meant to.
struct audit_record {
  timestamp at;        ///< of the answer
  std::string who;     ///< the caller's address
  std::string key;     ///< the name of the caller's API key, or empty
  std::string action;  ///< method and route: "DELETE /worker/jobs/{id}"
  std::string target;  ///< the id that it was about, several with commas, or empty
  std::string request_id;
  unsigned status = 0;  ///< of the answer
};

/// Takes audit records, from any thread. It never blocks and never fails: what cannot be kept is an
/// error in the log.
class audit_trail {
 public:
  virtual ~audit_trail() = default;

  virtual void add(const audit_record& record) = 0;
};

}  // namespace stayler::adapters
