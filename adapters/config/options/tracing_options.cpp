// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/options/option_groups.hpp"

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace text_formats;

constexpr option tracing_rows[] = {
    {.names = {"OTEL_EXPORTER_OTLP_ENDPOINT", "tracing.endpoint"},
     .value = text{&tracing_settings::endpoint, or_empty(web_url)},
     .meaning = "A collector that takes OTLP over HTTP, in JSON (port 4318 mostly): spans of jobs "
                "are posted to v1/traces there. Empty: tracing is off."},
    {.names = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "tracing.tracesEndpoint"},
     .value = text{&tracing_settings::traces_endpoint, or_empty(web_url)},
     .meaning = "The whole address that spans are posted to, in place of that one."},
    {.names =
         {"OTEL_EXPORTER_OTLP_HEADERS", "tracing.headers", {"OTEL_EXPORTER_OTLP_TRACES_HEADERS"}},
     .is_secret = true,
     .value = text{&tracing_settings::headers, or_empty(export_headers)},
     .meaning = "Headers of each call to the collector, such as a key."},
    {.names = {"OTEL_SERVICE_NAME", "tracing.serviceName"},
     .value = text{&tracing_settings::service_name, service_name},
     .meaning = "What this service is called in traces."},
    {.names = {"OTEL_TRACES_SAMPLER", "tracing.sampler"},
     .value = text{&tracing_settings::sampler, sampler},
     .meaning = "Which traces are recorded: all, none, or a part of them; behind parentbased_ that "
                "is for traces which begin here, and where a caller has decided, that counts."},
    {.names = {"OTEL_TRACES_SAMPLER_ARG", "tracing.samplerArg"},
     .value = decimal{&tracing_settings::sampler_ratio, 0, 1},
     .meaning = "The part of traces that a traceidratio sampler records."},
};

}  // namespace

option_group tracing_options() noexcept {
  return {"Traces", tracing_rows};
}

}  // namespace stayler::adapters
