// SPDX-License-Identifier: MIT
#include "adapters/json/json_writer.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace stayler::adapters {

namespace {

bool is_continuation(unsigned char c) {
  return (c & 0xC0U) == 0x80U;
}

/// The length of the valid UTF-8 sequence at `pos` (RFC 3629), 0 where there is none.
std::size_t sequence_length(std::string_view text, std::size_t pos) {
  const auto byte = [&](std::size_t i) {
    return pos + i < text.size() ? static_cast<unsigned char>(text[pos + i]) : 0U;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80U) {
    return 1;
  }
  const auto tail = [&](std::size_t i) {
    return is_continuation(static_cast<unsigned char>(byte(i)));
  };
  if (lead >= 0xC2U && lead <= 0xDFU) {
    return tail(1) ? 2 : 0;
  }
  if (lead >= 0xE0U && lead <= 0xEFU) {
    const bool overlong = lead == 0xE0U && byte(1) < 0xA0U;
    const bool surrogate = lead == 0xEDU && byte(1) > 0x9FU;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0U && lead <= 0xF4U) {
    const bool overlong = lead == 0xF0U && byte(1) < 0x90U;
    const bool beyond = lead == 0xF4U && byte(1) > 0x8FU;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

/// True for what stands for itself: most of what is written.
bool is_plain(char c) noexcept {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/// How many characters from `pos` on stand for themselves.
std::size_t plain_length(std::string_view text, std::size_t pos) {
  std::size_t end = pos;
  while (end < text.size() && is_plain(text[end])) {
    ++end;
  }
  return end - pos;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) < 0x20U) {
    std::array<char, 8> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(c));
    out += buffer.data();
  } else {
    out += c;
  }
}

}  // namespace

void json_writer::separate() {
  if (needs_comma_) {
    text_ += ',';
  }
  needs_comma_ = false;
}

json_writer& json_writer::begin_object() {
  separate();
  text_ += '{';
  return *this;
}

json_writer& json_writer::end_object() {
  text_ += '}';
  needs_comma_ = true;
  return *this;
}

json_writer& json_writer::begin_array() {
  separate();
  text_ += '[';
  return *this;
}

json_writer& json_writer::end_array() {
  text_ += ']';
  needs_comma_ = true;
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  value(name);
  text_ += ':';
  needs_comma_ = false;
  return *this;
}

json_writer& json_writer::value(std::string_view text) {
  separate();
  text_ += '"';
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t plain = plain_length(text, i); plain > 0) {
      text_.append(text, i, plain);
      i += plain;
      continue;
    }
    const std::size_t length = sequence_length(text, i);
    if (length == 1) {
      append_escaped(text_, text[i]);
    } else if (length == 0) {
      text_ += "\xEF\xBF\xBD";
    } else {
      text_ += text.substr(i, length);
    }
    i += length == 0 ? 1 : length;
  }
  text_ += '"';
  needs_comma_ = true;
  return *this;
}

json_writer& json_writer::value(bool flag) {
  return raw(flag ? "true" : "false");
}

json_writer& json_writer::value(double number) {
  if (!std::isfinite(number)) {
    return null();
  }
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.10g", number);
  return raw(buffer.data());
}

json_writer& json_writer::null() {
  return raw("null");
}

json_writer& json_writer::raw(std::string_view json) {
  separate();
  text_ += json;
  needs_comma_ = true;
  return *this;
}

}  // namespace stayler::adapters
