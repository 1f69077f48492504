// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/tracing/span_buffer.hpp"
#include "adapters/tracing/trace_sampler.hpp"
#include "http/server/message.hpp"

#include <string_view>

namespace stayler::http {

/// Which requests are traced.
struct trace_rules {
  adapters::span_buffer_ptr spans;  ///< null: none is recorded here
  adapters::trace_sampler sampler{"parentbased_always_on", 1};
};

/// A request's place in a trace.
struct request_trace {
  trace_context place;       ///< what is done for it is below this; not set: it is in no trace
  adapters::open_span span;  ///< its own, where it is recorded
};

/// The caller's trace (`traceparent`), or, where there is none and the request brings work, a new
/// one. Where nothing is recorded here the caller's is passed on as it is.
request_trace begin_trace(
    const trace_rules& rules, const request& received, std::string_view route
);

/// Records a request that was answered with that status.
void end_trace(const trace_rules& rules, const request_trace& answered, unsigned status);

}  // namespace stayler::http
