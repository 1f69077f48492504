// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/trace_context.hpp"

#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// Adds the headers by which whoever is called knows of the trace: none where it is not set.
inline void add_trace_headers(
    const trace_context& place, std::vector<std::pair<std::string, std::string>>& headers
) {
  auto traceparent = to_traceparent(place);
  if (traceparent.empty()) {
    return;
  }
  headers.emplace_back("traceparent", std::move(traceparent));
  if (!place.state.empty()) {
    headers.emplace_back("tracestate", place.state);
  }
}

}  // namespace stayler::adapters
