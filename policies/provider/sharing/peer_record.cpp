// SPDX-License-Identifier: MIT
#include "policies/provider/sharing/peer_record.hpp"

#include "adapters/json/json_reader.hpp"
#include "adapters/json/json_writer.hpp"

#include <algorithm>
#include <limits>

namespace stayler::policies {

namespace {

using adapters::json_value;
using adapters::json_writer;

void write(json_writer& json, const spending& amount) {
  json.begin_array().value(amount.calls).value(amount.prompt_tokens).value(amount.text_tokens);
  json.value(amount.image_tokens).value(amount.cost).end_array();
}

void write(json_writer& json, const peer_key& key) {
  json.begin_object().field("id", key.id).field("recent", key.recent).field("today", key.today);
  json.field("perMinute", key.per_minute).field("lessons", key.evidence);
  json.field("refusedFor", key.refused_for.count()).end_object();
}

void write(json_writer& json, const peer_account& account) {
  json.begin_object().field("day", account.day).key("total");
  write(json, account.total);
  json.field("reserved", account.reserved).key("users").begin_array();
  for (const peer_account::user& user : account.users) {
    json.begin_object().field("id", user.id).key("amount");
    write(json, user.amount);
    json.field("reserved", user.reserved).end_object();
  }
  json.end_array().end_object();
}

/// Where the number is missing, or is none that a count can be: 0.
std::uint64_t number(const json_value* value) {
  const auto* count = value != nullptr ? value->as<std::int64_t>() : nullptr;
  return count != nullptr && *count > 0 ? static_cast<std::uint64_t>(*count) : 0;
}

std::uint32_t small_number(const json_value* value) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::min(number(value), most));
}

std::string text(const json_value* value) {
  const auto* content = value != nullptr ? value->as<std::string>() : nullptr;
  return content != nullptr ? *content : std::string{};
}

const json_value::array& elements(const json_value* value) {
  static const json_value::array none;
  const auto* content = value != nullptr ? value->as<json_value::array>() : nullptr;
  return content != nullptr ? *content : none;
}

spending read_spending(const json_value* value) {
  const json_value::array& numbers = elements(value);
  if (numbers.size() != 5) {
    return {};
  }
  return {
      number(&numbers[0]), number(&numbers[1]), number(&numbers[2]), number(&numbers[3]),
      number(&numbers[4])};
}

peer_key read_key(const json_value& value) {
  return {
      text(value.find("id")),
      small_number(value.find("recent")),
      small_number(value.find("today")),
      small_number(value.find("perMinute")),
      number(value.find("lessons")),
      milliseconds{small_number(value.find("refusedFor"))}};
}

peer_account read_account(const json_value& value) {
  peer_account account{
      text(value.find("day")),
      read_spending(value.find("total")),
      number(value.find("reserved")),
      {}};
  for (const json_value& user : elements(value.find("users"))) {
    account.users.push_back(
        {text(user.find("id")), read_spending(user.find("amount")), number(user.find("reserved"))}
    );
  }
  return account;
}

}  // namespace

std::string encode(const peer_record& record) {
  json_writer json;
  json.begin_object().field("owner", record.instance_id).field("inFlight", record.in_flight);
  json.field("limit", record.limit).field("shrinks", record.shrinks);
  json.field("isHungry", record.wants_more)
      .field("workers", record.workers)
      .key("keys")
      .begin_array();
  for (const peer_key& key : record.keys) {
    write(json, key);
  }
  json.end_array().key("account");
  write(json, record.account);
  json.end_object();
  return std::move(json).text();
}

result<peer_record> decode_peer_record(std::string_view content) {
  const auto parsed = adapters::parse_json(content);
  if (!parsed) {
    return parsed.error();
  }
  peer_record record;
  record.instance_id = text(parsed->find("owner"));
  if (record.instance_id.empty()) {
    return failure{error_class::invalid_input, "a coordinator's record without its name"};
  }
  record.in_flight = small_number(parsed->find("inFlight"));
  record.limit = small_number(parsed->find("limit"));
  record.shrinks = number(parsed->find("shrinks"));
  record.workers = small_number(parsed->find("workers"));
  const json_value* wants_more = parsed->find("isHungry");
  const bool* flag = wants_more != nullptr ? wants_more->as<bool>() : nullptr;
  record.wants_more = flag != nullptr && *flag;
  for (const json_value& key : elements(parsed->find("keys"))) {
    record.keys.push_back(read_key(key));
  }
  if (const json_value* account = parsed->find("account")) {
    record.account = read_account(*account);
  }
  return record;
}

}  // namespace stayler::policies
