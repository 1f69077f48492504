// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/base/time.hpp"
#include "messages/jobs/attempt.hpp"

#include <cstdint>
#include <string_view>

namespace stayler {

/// What is known of a call that costs money.
enum class call_state : std::uint8_t {
  open,       ///< about to be sent, or sent and not answered
  settled,    ///< answered
  aborted,    ///< given up by us while under way: it may be billed
  ambiguous,  ///< its worker was lost while it was open: it may have been sent, and billed
};

std::string_view to_string(call_state state) noexcept;

/// One entry of the ledger: an attempt's call to the provider. It is durable before the call is
/// sent.
struct provider_call {
  fencing_token token{};  ///< of the attempt
  call_state state = call_state::open;
  timestamp opened_at;
  timestamp closed_at;                      ///< not set while it is open
  error_class outcome = error_class::none;  ///< settled: none where a picture came back
  std::uint64_t tokens = 0;                 ///< in and out, as the provider counted them
  std::uint64_t cost = 0;                   ///< millionths of a US dollar

  friend bool operator==(const provider_call&, const provider_call&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, provider_call& x) {
  return f(x.token, x.state, x.opened_at, x.closed_at, x.outcome, x.tokens, x.cost);
}

/// How a call to the provider has ended, as its worker reports it.
struct call_settlement {
  error_class outcome = error_class::none;  ///< none where a picture came back
  std::uint64_t tokens = 0;
  std::uint64_t cost = 0;  ///< millionths of a US dollar

  friend bool operator==(const call_settlement&, const call_settlement&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, call_settlement& x) {
  return f(x.outcome, x.tokens, x.cost);
}

}  // namespace stayler
