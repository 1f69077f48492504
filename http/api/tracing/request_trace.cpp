// SPDX-License-Identifier: MIT
#include "http/api/tracing/request_trace.hpp"

#include "adapters/tracing/span_names.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace stayler::http {

namespace {

namespace attributes = adapters::attributes;

std::vector<std::string_view> headers_of(const request& received, std::string_view name) {
  std::vector<std::string_view> found;
  for (const auto& [header, value] : received.headers) {
    if (header == name) {
      found.push_back(value);
    }
  }
  return found;
}

/// Nothing where the caller has none, or what it says of it is malformed.
std::optional<trace_context> trace_of_caller(const request& received) {
  const auto parents = headers_of(received, "traceparent");
  auto place = parents.size() == 1 ? parse_traceparent(parents.front()) : std::nullopt;
  if (place) {
    place->state = read_tracestate(headers_of(received, "tracestate"));
  }
  return place;
}

/// A dashboard that looks every second is not worth a trace each time.
bool brings_work(const request& received, std::string_view route) {
  return received.method == "POST"
         && (route == "/worker/jobs" || route == "/worker/jobs/batch"
             || route == "/worker/jobs/{id}/rerun" || route == "/images");
}

}  // namespace

request_trace begin_trace(
    const trace_rules& rules, const request& received, std::string_view route
) {
  const auto of_caller = trace_of_caller(received);
  if (!rules.spans || (!of_caller && !brings_work(received, route))) {
    return {of_caller.value_or(trace_context{}), {}};
  }
  request_trace begun;
  begun.place = rules.sampler.admit(of_caller);
  begun.span =
      adapters::start_span(rules.spans, begun.place, received.method, adapters::span_kind::server);
  if (begun.span) {
    begun.place = begun.span->place;
    begun.span->name.append(" ").append(route);
    begun.span->set(attributes::http_method, received.method)
        .set(attributes::http_route, route)
        .set(attributes::request_id, received.request_id);
  } else if (begun.place.span_id == 0) {
    // Those that it is passed on to learn that it is not recorded.
    begun.place.span_id = adapters::new_span_id();
  }
  return begun;
}

void end_trace(const trace_rules& rules, const request_trace& answered, unsigned status) {
  adapters::open_span ending = answered.span;
  if (ending) {
    ending->set(attributes::http_status, status);
    if (status >= 500) {
      ending->error = std::to_string(status);
    }
  }
  adapters::end_span(rules.spans, ending);
}

}  // namespace stayler::http
