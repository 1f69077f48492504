// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/provider/generation.hpp"
#include "messages/provider/spending.hpp"
#include "messages/service/status.hpp"

#include <optional>

namespace stayler::policies {

/// How the whole service stood at some moment, by what its parts have said of themselves. A part
/// that did not answer, as it is being restarted, is missing.
struct service_snapshot {
  timestamp at;
  std::optional<queue_status> queue;
  std::optional<latency_report> latencies;
  std::optional<provider_status> provider;
  std::optional<spending_report> costs;
};

}  // namespace stayler::policies
