// SPDX-License-Identifier: MIT
#include "adapters/log/log_line.hpp"

#include "adapters/json/json_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::size_t shortest_secret = 6;

/// The value as it stands in JSON.
std::string as_json(const log_field::content& value) {
  json_writer json;
  std::visit([&json](const auto& content) { json.value(content); }, value);
  return std::move(json).text();
}

/// The bytes of a character at the front of valid UTF-8 that JSON lets through, but that moves a
/// terminal's cursor or ends a line for some readers: DEL, C1 controls, U+2028 and U+2029.
std::size_t unsafe_length(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) == 0x7F) {
    return 1;
  }
  if (byte(0) == 0xC2 && text.size() > 1 && byte(1) < 0xA0) {
    return 2;
  }
  const bool is_separator = text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9");
  return is_separator ? 3 : 0;
}

unsigned code_of(std::string_view character) {
  const auto last = static_cast<unsigned char>(character.back());
  return character.size() == 3 ? 0x2000U + (last & 0x3FU) : last;
}

/// The text as JSON escapes it, without the quotes, and with the unsafe characters escaped as well.
std::string escaped(std::string_view text) {
  const std::string quoted = std::move(json_writer{}.value(text)).text();
  std::string_view rest{quoted};
  rest.remove_prefix(1);
  rest.remove_suffix(1);
  std::string safe;
  while (!rest.empty()) {
    const std::size_t length = unsafe_length(rest);
    if (length == 0) {
      safe += rest.front();
    } else {
      std::array<char, 8> buffer{};
      std::snprintf(buffer.data(), buffer.size(), "\\u%04x", code_of(rest.substr(0, length)));
      safe += buffer.data();
    }
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return safe;
}

/// A message is for people: quotes and backslashes stay as they are where nothing is to be escaped.
std::string as_message(std::string_view text) {
  const bool is_printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return is_printable ? std::string{text} : escaped(text);
}

std::string as_value(const log_field::content& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) {
    return as_json(value);
  }
  const bool is_word = std::all_of(text->begin(), text->end(), [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\';
  });
  return is_word ? *text : "\"" + escaped(*text) + "\"";
}

/// The value with secrets hidden.
log_field::content masked(const log_field& field, const secret_mask& mask) {
  const auto* text = std::get_if<std::string>(&field.value());
  return text == nullptr ? field.value() : log_field::content{mask.apply(*text)};
}

bool is_left_out(const log_field& field) {
  const auto* text = std::get_if<std::string>(&field.value());
  return text != nullptr && text->empty();
}

}  // namespace

secret_mask::secret_mask(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {
  std::erase_if(secrets_, [](const std::string& each) { return each.size() < shortest_secret; });
  // One secret may hold another: the longer one goes first, or its rest would be seen.
  std::sort(secrets_.begin(), secrets_.end(), [](const auto& one, const auto& other) {
    return one.size() > other.size();
  });
}

std::string secret_mask::apply(std::string_view text) const {
  std::string shown{text};
  for (const std::string& secret : secrets_) {
    for (auto at = shown.find(secret); at != std::string::npos; at = shown.find(secret, at)) {
      shown.replace(at, secret.size(), "***");
      at += 3;
    }
  }
  return shown;
}

std::string render_json(const log_line& line, const secret_mask& mask) {
  json_writer json;
  json.begin_object()
      .field("time", to_rfc3339(line.at))
      .field("level", to_string(line.level))
      .field("subsystem", to_string(line.who))
      .field("message", mask.apply(line.message));
  for (const log_field& field : line.fields) {
    if (!is_left_out(field)) {
      json.key(field.name()).raw(as_json(masked(field, mask)));
    }
  }
  return std::move(json.end_object()).text();
}

std::string render_text(const log_line& line, const secret_mask& mask) {
  std::string text = to_rfc3339(line.at);
  text.append(" ").append(to_string(line.level));
  text.append(" ").append(to_string(line.who));
  text.append(": ").append(as_message(mask.apply(line.message)));
  for (const log_field& field : line.fields) {
    if (!is_left_out(field)) {
      text.append(" ").append(field.name());
      text.append("=").append(as_value(masked(field, mask)));
    }
  }
  return text;
}

}  // namespace stayler::adapters
