// SPDX-License-Identifier: MIT
#include "http/api/bulk/dead_letter_groups.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_members.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace stayler::http {

namespace {

constexpr std::size_t longest_message = 200;
constexpr std::size_t digits_of_group = 16;

bool is_of_word(char c) {
  return is_alphanumeric({&c, 1}, "_-");
}

/// What may stand inside an address or a number.
bool joins_words(char c) {
  return c == '.' || c == ':' || c == '/';
}

/// The next piece: a word, or one character that is of none.
std::string_view take_piece(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_of_word);
  const auto size = std::max<std::size_t>(static_cast<std::size_t>(end - text.begin()), 1);
  const auto piece = text.substr(0, size);
  text.remove_prefix(size);
  return piece;
}

/// Puts one "#" in place of "#.#".
void add_placeholder(std::string& to) {
  if (to.size() >= 2 && joins_words(to.back()) && to[to.size() - 2] == '#') {
    to.pop_back();
  } else {
    to += '#';
  }
}

void write_group(adapters::json_writer& json, std::string_view id, const dead_letter_group& group) {
  json.begin_object().field("group", id).field("errorClass", to_string(group.error));
  json.field("message", group.message).field("count", group.count);
  write_time(json, "first", group.first);
  write_time(json, "last", group.last);
  json.field("retryable", is_retryable(group.error));
  json.field("sampleJobId", to_string(group.sample)).end_object();
}

}  // namespace

std::string normalize_message(std::string_view message) {
  std::string normalized;
  while (!message.empty() && normalized.size() < longest_message) {
    const auto piece = take_piece(message);
    if (std::ranges::any_of(piece, is_digit)) {
      add_placeholder(normalized);
    } else {
      normalized += piece;
    }
  }
  return normalized;
}

std::string group_of(const failure& error) {
  std::string cause{to_string(error.kind)};
  cause.append("\n").append(normalize_message(error.message));
  return adapters::sha256_hex(std::as_bytes(std::span{cause})).substr(0, digits_of_group);
}

void dead_letter_groups::add(const job& dead) {
  ++size_;
  dead_letter_group& group = groups_[group_of(dead.error)];
  if (group.count == 0) {
    group = {dead.error.kind,
             normalize_message(dead.error.message),
             0,
             dead.completed_at,
             dead.completed_at,
             dead.id};
  }
  ++group.count;
  group.first = std::min(group.first, dead.completed_at);
  group.last = std::max(group.last, dead.completed_at);
}

std::string dead_letter_groups::render(bool is_complete) const {
  std::vector<std::pair<std::string_view, const dead_letter_group*>> sorted;
  for (const auto& [id, group] : groups_) {
    sorted.emplace_back(id, &group);
  }
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) {
    return a.second->count > b.second->count;
  });
  adapters::json_writer json;
  json.begin_object().key("groups").begin_array();
  for (const auto& [id, group] : sorted) {
    write_group(json, id, *group);
  }
  json.end_array().field("looked", size_).field("isComplete", is_complete).end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
