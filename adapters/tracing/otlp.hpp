// SPDX-License-Identifier: MIT
#pragma once

// The OpenTelemetry protocol over HTTP, in its JSON form
// (https://opentelemetry.io/docs/specs/otlp/#otlphttp).

#include "adapters/tracing/span.hpp"
#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// Who has made the spans.
struct span_resource {
  std::string service_name;
  std::string version;
  std::string instance_id;
  std::string host;
};

/// The body of an export.
std::string render_export(const span_resource& from, std::span<const span> spans);

/// How many spans a collector has refused that has taken the others, and why, in its words: read
/// from its answer, which may also be empty or none of the kind.
struct partial_success {
  std::uint64_t refused = 0;
  std::string reason;
};
partial_success read_export_answer(std::string_view body);

/// Where spans are posted; empty: nowhere, tracing is off.
std::string traces_url(const tracing_settings& config);

/// Headers as OTEL_EXPORTER_OTLP_HEADERS has them: NAME=VALUE,... with values percent-encoded.
/// invalid_input, which repeats nothing of the text: it may hold a secret.
result<std::vector<std::pair<std::string, std::string>>> parse_export_headers(std::string_view text
);

}  // namespace stayler::adapters
