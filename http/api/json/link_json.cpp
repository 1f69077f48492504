// SPDX-License-Identifier: MIT
#include "http/api/json/link_json.hpp"

#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_fields.hpp"
#include "http/api/json/members/json_members.hpp"

#include <utility>

namespace stayler::http {

namespace {

enum class job_member : std::uint8_t { refused, optional };

link_request parse_link_request(
    std::string_view body, const link_lifetime& allowed, job_member job
) {
  link_request parsed;
  parsed.lifetime = allowed.usual;
  if (body.empty()) {
    return parsed;
  }
  const auto json = read_json_body(body, parsed.problems);
  if (!json) {
    return parsed;
  }
  json_fields root{*json, "", parsed.problems};
  parsed.lifetime =
      root.duration("expiresIn", milliseconds{1'000}, allowed.longest).value_or(allowed.usual);
  if (job == job_member::optional) {
    parsed.job_id = root.id("jobId", json_fields::presence::optional).value_or("");
  }
  root.refuse_others();
  return parsed;
}

}  // namespace

link_request parse_image_link_request(std::string_view body, const link_lifetime& allowed) {
  return parse_link_request(body, allowed, job_member::refused);
}

link_request parse_event_ticket_request(std::string_view body, const link_lifetime& allowed) {
  return parse_link_request(body, allowed, job_member::optional);
}

std::string render_link(const signed_link& link) {
  adapters::json_writer json;
  json.begin_object().field("url", link.url);
  write_text(json, "thumbnailUrl", link.thumbnail_url);
  json.field("expiresAt", to_rfc3339(link.expires)).end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
