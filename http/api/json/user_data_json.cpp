// SPDX-License-Identifier: MIT
#include "http/api/json/user_data_json.hpp"

#include "http/api/json/members/json_members.hpp"

#include <utility>

namespace stayler::http {

std::string render_erasure(const erasure& shown) {
  adapters::json_writer json;
  json.begin_object().field("id", to_string(shown.id));
  json.field("status", shown.is_done() ? "done" : "running").field("user", shown.user_tag);
  write_time(json, "requestedAt", shown.requested_at);
  write_time(json, "updatedAt", shown.updated_at);
  write_time(json, "endedAt", shown.ended_at);
  const erased_counts& erased = shown.erased;
  json.key("erased").begin_object().field("jobs", erased.jobs).field("images", erased.images);
  json.field("conversions", erased.conversions).field("notifications", erased.notifications);
  json.field("cachedPictures", erased.cached_pictures).field("spendingDays", erased.spending);
  json.end_object();
  write_text(json, "lastError", shown.error);
  json.end_object();
  return std::move(json).text();
}

std::string render_conversions(std::span<const conversion_update> rows) {
  adapters::json_writer json;
  json.begin_object().key("conversions").begin_array();
  for (const conversion_update& row : rows) {
    json.begin_object().field("id", row.conversion_id).field("userId", row.user_id);
    json.field("userImageId", row.user_image_id).field("clothImageId", row.cloth_image_id);
    json.field("status", to_string(row.status));
    write_text(json, "resultImageId", row.result_image_id);
    write_text(json, "errorMessage", row.error_message);
    json.field("processingTimeMs", row.processing_time.count());
    write_time(json, "updatedAt", row.at);
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

std::string render_images(std::span<const image_record> rows) {
  adapters::json_writer json;
  json.begin_object().key("images").begin_array();
  for (const image_record& row : rows) {
    json.begin_object().field("id", row.id).field("userId", row.user_id).field("type", row.type);
    write_text(json, "fileName", row.file_name);
    json.field("bytes", row.bytes).field("mimeType", row.mime_type);
    json.field("width", row.width).field("height", row.height);
    write_text(json, "sha256", row.checksum);
    write_time(json, "createdAt", row.created_at);
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
