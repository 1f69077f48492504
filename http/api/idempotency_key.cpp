// SPDX-License-Identifier: MIT
#include "http/api/idempotency_key.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_members.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace stayler::http {

namespace {

constexpr std::string_view key_header = "idempotency-key";
constexpr std::size_t max_key_bytes = 255;

/// True for a string of structured fields (RFC 8941, 3.3.3) that is not empty.
bool is_quoted_string(std::string_view text) {
  if (text.size() < 3 || text.front() != '"' || text.back() != '"') {
    return false;
  }
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      return false;
    }
    if (text[i] == '\\' && (++i == text.size() || (text[i] != '"' && text[i] != '\\'))) {
      return false;
    }
  }
  return true;
}

/// A string in quotes, as the draft has it, or bare, as most write it.
bool is_usable_key(std::string_view key) {
  return !key.empty() && key.size() <= max_key_bytes && is_visible(key)
         && (key.front() != '"' || is_quoted_string(key));
}

/// What a submitter has said, apart from the user, whose the key is. Members that say nothing are
/// left out, so that a member that is new in a later version changes no earlier fingerprint.
std::string canonical_text(const parsed_job_request& parsed) {
  const job_request& request = parsed.request;
  adapters::json_writer json;
  json.begin_object();
  json.field("type", to_string(request.type));
  write_text(json, "conversionId", request.conversion_id);
  json.field("priority", request.priority);
  if (request.urgency != job_urgency::normal) {
    json.field("urgency", to_string(request.urgency));
  }
  json.key("payload");
  write_payload(json, request);
  write_time(json, "runAt", request.run_at);
  if (parsed.max_retries) {
    json.field("maxRetries", *parsed.max_retries);
  }
  if (parsed.timeout) {
    json.field("timeout", static_cast<std::int64_t>(parsed.timeout->count()));
  }
  write_text(json, "webhookUrl", request.webhook_url);
  if (!request.rerun_of.value.is_nil()) {
    json.field("rerunOf", to_string(request.rerun_of));
  }
  json.end_object();
  return std::move(json).text();
}

std::string fingerprint_of(const parsed_job_request& parsed) {
  const auto digest = adapters::sha256_hasher{}.add(canonical_text(parsed)).digest();
  return {digest.begin(), digest.end()};
}

}  // namespace

std::string read_idempotency_key(const request& req, std::vector<field_problem>& problems) {
  const auto key = req.header(key_header);
  if (!key) {
    return {};
  }
  const auto times = std::ranges::count_if(req.headers, [](const auto& header) {
    return header.first == key_header;
  });
  if (times > 1) {
    problems.push_back({"Idempotency-Key", "must be given once"});
  } else if (!is_usable_key(*key)) {
    problems.push_back(
        {"Idempotency-Key",
         "must be 1 to 255 printable characters without blanks; where they begin with a quotation "
         "mark, a whole string in quotation marks"}
    );
  }
  return std::string{*key};
}

std::string key_in_batch(const std::string& batch_key, std::size_t index) {
  // With a blank, which no caller's key has.
  return batch_key.empty() ? "" : batch_key + " " + std::to_string(index);
}

void set_idempotency_key(parsed_job_request& parsed, std::string key) {
  if (!key.empty()) {
    parsed.request.idempotency_key = std::move(key);
    parsed.request.fingerprint = fingerprint_of(parsed);
  }
}

}  // namespace stayler::http
