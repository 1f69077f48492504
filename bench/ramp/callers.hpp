// SPDX-License-Identifier: MIT
#pragma once

#include "policies/provider/call_admission.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace stayler::bench {

using policies::call_admission;

/// Who calls the provider: one coordinator, with all the slots of its nodes.
class caller {
 public:
  using clock_time = call_admission::clock_time;

  virtual ~caller() = default;

  /// Sends a call, where the rules let it.
  virtual std::optional<call_admission::admitted_call> admit(clock_time now) = 0;

  virtual void end(
      const call_admission::admitted_call& call, const failure& outcome, clock_time now
  ) = 0;

  /// The service's own rules; null for a caller that follows others.
  virtual call_admission* admission() { return nullptr; }
};

/// How the limit on calls in flight opens.
enum class opening_rule {
  round,  ///< as until now: doubled after each round of answers until the first round with refusals
  timed,  ///< doubled each second without a refusal, halved after one; nothing else is remembered
  found,  ///< the service's own
};

std::string_view to_string(opening_rule rule);

std::unique_ptr<caller> make_caller(opening_rule rule);

}  // namespace stayler::bench
