// SPDX-License-Identifier: MIT
#include "http/api/bulk/bulk_preview.hpp"

#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_members.hpp"
#include "messages/base/text.hpp"

#include <cstddef>

namespace stayler::http {

namespace {

constexpr std::size_t samples_shown = 5;

void write_sample(adapters::json_writer& json, const job& shown) {
  json.begin_object().field("id", to_string(shown.id)).field("status", to_string(shown.status));
  json.field("userId", shown.request.user_id);
  if (shown.error) {
    json.field("errorClass", to_string(shown.error.kind));
    json.field("errorMessage", shown.error.message);
  }
  write_time(json, "createdAt", shown.created_at);
  json.end_object();
}

void write_cost(adapters::json_writer& json, const retry_cost& cost, const spending& of_today) {
  json.key("cost").begin_object().field("atMost", in_dollars(cost.at_most()));
  if (const auto expected = cost.expected(of_today)) {
    json.field("expected", in_dollars(*expected));
  }
  json.end_object();
}

std::string seen_text(const bulk_tokens::preview& seen) {
  return to_string(seen.newest) + "." + std::to_string(seen.count);
}

/// What is signed. No part but the selection, which is JSON, can hold a blank.
std::string signed_text(
    const bulk_request& asked, std::string_view caller, const bulk_tokens::preview& seen
) {
  std::string text{"bulk "};
  text.append(to_string(asked.action)).append(" ").append(caller).append(" ");
  return text.append(seen_text(seen)).append(" ").append(render_selection(asked.jobs));
}

}  // namespace

bool bulk_preview::add(const job& selected) {
  if (is_full()) {
    return false;
  }
  ++count_;
  ++by_status_[selected.status];
  newest_ = count_ == 1 ? selected.id : newest_;
  if (cost_) {
    cost_->add(selected);
  }
  if (samples_.size() < samples_shown) {
    samples_.push_back(selected);
  }
  return true;
}

std::string bulk_preview::render(const terms& shown) const {
  adapters::json_writer json;
  json.begin_object().field("action", to_string(shown.action)).field("count", count_);
  json.field("isComplete", shown.is_complete).key("byStatus").begin_object();
  for (const auto& [status, count] : by_status_) {
    json.field(to_string(status), count);
  }
  json.end_object().key("samples").begin_array();
  for (const job& each : samples_) {
    write_sample(json, each);
  }
  json.end_array();
  if (cost_) {
    write_cost(json, *cost_, shown.of_today);
  }
  json.field("token", shown.token).field("expiresAt", to_rfc3339(shown.expires)).end_object();
  return std::move(json).text();
}

std::string bulk_tokens::sign(
    const bulk_request& asked, std::string_view caller, const preview& seen, timestamp expires
) const {
  const auto seconds = unix_seconds_text(expires);
  return seen_text(seen) + "." + seconds + "."
         + signature_.sign(signed_text(asked, caller, seen), {}, seconds);
}

std::optional<bulk_tokens::preview> bulk_tokens::check(
    const bulk_request& asked, std::string_view caller, timestamp now
) const {
  std::string_view token = asked.token;
  const auto newest = parse_job_id(take_until(token, "."));
  const auto count = parse_number<std::uint64_t>(take_until(token, "."));
  if (!newest || !count) {
    return std::nullopt;
  }
  const auto expires = take_until(token, ".");
  const preview seen{*newest, *count};
  const auto verdict = signature_.check(signed_text(asked, caller, seen), {}, expires, token, now);
  return verdict == key_signature::verdict::good ? std::optional{seen} : std::nullopt;
}

}  // namespace stayler::http
