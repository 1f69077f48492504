// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/notification_json.hpp"

#include "adapters/json/json_writer.hpp"

#include <string_view>

namespace stayler::adapters {

namespace {

/// "completed" of "conversion.completed".
std::string_view status_of(std::string_view event) {
  const auto dot = event.rfind('.');
  return dot == std::string_view::npos ? event : event.substr(dot + 1);
}

/// URLs are paths on this service, whose public name only the receiver knows.
void write_result(json_writer& json, const job_result& result) {
  const auto path = "/images/" + result.image_id;
  json.key("result")
      .begin_object()
      .field("imageId", result.image_id)
      .field("url", path)
      .field("thumbnailUrl", path + "/thumbnail")
      .field("width", result.width)
      .field("height", result.height)
      .field("mimeType", result.mime_type)
      .field("bytes", result.bytes)
      .end_object();
}

void write_error(json_writer& json, const failure& error) {
  json.key("error")
      .begin_object()
      .field("class", to_string(error.kind))
      .field("message", error.message)
      .field("retryable", is_retryable(error.kind))
      .end_object();
}

void write_job(json_writer& json, const notification& event) {
  json.field("jobId", to_string(event.job))
      .field("conversionId", event.conversion_id)
      .field("userId", event.user_id);
}

void write_alert(json_writer& json, const alert_notice& alert) {
  json.field("alert", alert.name)
      .field("summary", alert.summary)
      .field("instance", alert.instance)
      .field("since", to_rfc3339(alert.since));
}

}  // namespace

std::string to_json(const notification& event) {
  json_writer json;
  // "type" is the name that Standard Webhooks recommends for "event"; libraries dispatch on it.
  json.begin_object()
      .field("id", event.event_id)
      .field("type", event.event)
      .field("event", event.event)
      .field("timestamp", to_rfc3339(event.at))
      .key("data")
      .begin_object();
  if (event.alert.name.empty()) {
    write_job(json, event);
  } else {
    write_alert(json, event.alert);
  }
  json.field("status", status_of(event.event));
  if (event.error) {
    write_error(json, event.error);
  } else if (!event.result.image_id.empty()) {
    write_result(json, event.result);
  }
  return std::move(json.end_object().end_object()).text();
}

}  // namespace stayler::adapters
