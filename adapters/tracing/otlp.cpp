// SPDX-License-Identifier: MIT
#include "adapters/tracing/otlp.hpp"

#include "adapters/json/json_reader.hpp"
#include "adapters/json/json_writer.hpp"
#include "adapters/tracing/span_names.hpp"
#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <chrono>

namespace stayler::adapters {

namespace {

/// 64-bit numbers are texts in the JSON of protobuf.
void write_content(json_writer& json, const std::string& text) {
  json.field("stringValue", text);
}
void write_content(json_writer& json, bool flag) {
  json.field("boolValue", flag);
}
void write_content(json_writer& json, std::int64_t number) {
  json.field("intValue", std::to_string(number));
}
void write_content(json_writer& json, double number) {
  json.field("doubleValue", number);
}

void write_attribute(
    json_writer& json, std::string_view name, const span_attribute::content& content
) {
  json.begin_object().field("key", name).key("value").begin_object();
  std::visit([&json](const auto& value) { write_content(json, value); }, content);
  json.end_object().end_object();
}

std::string nanoseconds_of(span_time at) {
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch());
  return std::to_string(since_epoch.count());
}

void write_span(json_writer& json, const span& each) {
  constexpr int status_error = 2;
  json.begin_object().field("traceId", trace_id_text(each.place));
  json.field("spanId", span_id_text(each.place.span_id));
  if (each.parent_id != 0) {
    json.field("parentSpanId", span_id_text(each.parent_id));
  }
  if (!each.place.state.empty()) {
    json.field("traceState", each.place.state);
  }
  json.field("flags", each.place.is_sampled ? 1 : 0).field("name", each.name);
  json.field("kind", static_cast<int>(each.kind));
  json.field("startTimeUnixNano", nanoseconds_of(each.began));
  json.field("endTimeUnixNano", nanoseconds_of(each.ended));
  json.key("attributes").begin_array();
  for (const span_attribute& attribute : each.attributes) {
    write_attribute(json, attribute.name, attribute.value);
  }
  if (!each.error.empty()) {
    write_attribute(json, attributes::error_type, each.error);
  }
  json.end_array().key("status").begin_object();
  if (!each.error.empty()) {
    json.field("code", status_error);
  }
  json.end_object().end_object();
}

void write_resource(json_writer& json, const span_resource& from) {
  json.key("resource").begin_object().key("attributes").begin_array();
  write_attribute(json, "service.name", from.service_name);
  write_attribute(json, "service.version", from.version);
  write_attribute(json, "service.instance.id", from.instance_id);
  write_attribute(json, "host.name", from.host);
  json.end_array().end_object();
}

}  // namespace

std::string render_export(const span_resource& from, std::span<const span> spans) {
  json_writer json;
  json.begin_object().key("resourceSpans").begin_array().begin_object();
  write_resource(json, from);
  json.key("scopeSpans").begin_array().begin_object();
  json.key("scope").begin_object().field("name", "stayler").end_object();
  json.key("spans").begin_array();
  for (const span& each : spans) {
    write_span(json, each);
  }
  json.end_array().end_object().end_array();
  json.end_object().end_array().end_object();
  return std::move(json).text();
}

partial_success read_export_answer(std::string_view body) {
  partial_success answer;
  const auto parsed = parse_json(body);
  const json_value* partial = parsed ? parsed->find("partialSuccess") : nullptr;
  if (partial == nullptr) {
    return answer;
  }
  if (const json_value* refused = partial->find("rejectedSpans")) {
    // A text by the rules of protobuf; some write a number.
    if (const auto* text = refused->as<std::string>()) {
      answer.refused = parse_number<std::uint64_t>(*text).value_or(0);
    } else if (const auto* number = refused->as<std::int64_t>(); number != nullptr && *number > 0) {
      answer.refused = static_cast<std::uint64_t>(*number);
    }
  }
  if (const json_value* reason = partial->find("errorMessage")) {
    const auto* text = reason->as<std::string>();
    answer.reason = text != nullptr ? *text : "";
  }
  return answer;
}

std::string traces_url(const tracing_settings& config) {
  if (!config.traces_endpoint.empty() || config.endpoint.empty()) {
    return config.traces_endpoint;
  }
  return config.endpoint + (config.endpoint.ends_with('/') ? "v1/traces" : "/v1/traces");
}

result<std::vector<std::pair<std::string, std::string>>> parse_export_headers(std::string_view text
) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view value = trim(take_until(text, ","));
    if (value.empty()) {
      continue;
    }
    const std::string_view name = trim(take_until(value, "="));
    const auto decoded = decode_percent(trim(value));
    if (name.empty() || !is_alphanumeric(name, "-_.") || !decoded || decoded->empty()
        || decoded->find_first_of("\r\n") != std::string::npos) {
      return failure{
          error_class::invalid_input,
          "entry " + std::to_string(number) + " of the list is malformed"};
    }
    headers.emplace_back(to_lower(name), *decoded);
  }
  return headers;
}

}  // namespace stayler::adapters
