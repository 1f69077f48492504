// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/uuid.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stayler {

/// A place in a trace, as W3C Trace Context passes it on: which trace, and the span that what comes
/// next is a child of.
struct trace_context {
  uuid trace_id;              ///< any 128 bits; nil: there is no trace
  std::uint64_t span_id = 0;  ///< 0: the trace begins here
  bool is_sampled = false;    ///< its spans are recorded
  std::string state;          ///< `tracestate`: what others have to say of the trace

  [[nodiscard]] bool is_set() const noexcept { return !trace_id.is_nil(); }

  friend bool operator==(const trace_context&, const trace_context&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, trace_context& x) {
  return f(x.trace_id, x.span_id, x.is_sampled, x.state);
}

/// The same trace below another span.
trace_context below(const trace_context& parent, std::uint64_t span_id);

/// What a `traceparent` header says (https://www.w3.org/TR/trace-context-1/), or nothing where it
/// is malformed: then the trace begins anew.
std::optional<trace_context> parse_traceparent(std::string_view header);

/// The header for that place; empty where there is no trace, or no span.
std::string to_traceparent(const trace_context& place);

/// The `tracestate` headers as one, or empty where they are malformed, or more than one has to pass
/// on: 32 members of 512 characters in all.
std::string read_tracestate(std::span<const std::string_view> headers);

/// 32 hexadecimal digits; empty where there is no trace.
std::string trace_id_text(const trace_context& place);

/// 16 hexadecimal digits.
std::string span_id_text(std::uint64_t span_id);

}  // namespace stayler
