// SPDX-License-Identifier: MIT
#include "http/api/json/image_json.hpp"

#include "adapters/json/json_writer.hpp"

namespace stayler::http {

std::string image_url(const std::string& id) {
  return "/images/" + id;
}

std::string thumbnail_url(const std::string& id) {
  return image_url(id) + "/thumbnail";
}

std::string render_image(const image_record& shown, image_format sent_as) {
  adapters::json_writer json;
  json.begin_object().field("id", shown.id).field("type", shown.type);
  if (!shown.user_id.empty()) {
    json.field("userId", shown.user_id);
  }
  if (!shown.file_name.empty()) {
    json.field("fileName", shown.file_name);
  }
  json.field("url", image_url(shown.id));
  if (!shown.thumbnail_key.empty()) {
    json.field("thumbnailUrl", thumbnail_url(shown.id));
  }
  json.field("mimeType", shown.mime_type).field("sourceMimeType", mime_type_of(sent_as));
  json.field("bytes", shown.bytes);
  json.field("width", shown.width).field("height", shown.height);
  json.field("checksum", shown.checksum).field("createdAt", to_rfc3339(shown.created_at));
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
