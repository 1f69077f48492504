// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <string>

namespace stayler::adapters {

/// One call of the API that changed something, or was meant to; or a sum of calls that were turned
/// away.
struct audit_record {
  timestamp at;        ///< of the answer
  std::string who;     ///< the caller's address
  std::string key;     ///< the name of the caller's API key, or empty
  std::string action;  ///< method and route: "DELETE /worker/jobs/{id}"
  std::string target;  ///< the id that it was about, several with commas, or empty
  std::string request_id;
  unsigned status = 0;       ///< of the answer
  std::string details = {};  ///< what has changed, from what to what, or empty
  std::uint64_t calls = 0;   ///< of a sum: how many; 0: the record is of one call
};

/// Takes audit records, from any thread. It never blocks and never fails: what cannot be kept is an
/// error in the log.
class audit_trail {
 public:
  virtual ~audit_trail() = default;

  virtual void add(const audit_record& record) = 0;

  /// How many records could not be kept so far.
  [[nodiscard]] virtual std::uint64_t lost() const noexcept { return 0; }
};

}  // namespace stayler::adapters
