// SPDX-License-Identifier: MIT
#include "http/api/pictures/multipart.hpp"

#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace stayler::http {

namespace {

constexpr std::size_t max_parts = 32;
constexpr std::size_t max_boundary = 70;
constexpr std::size_t max_file_name = 255;

failure broken(std::string_view why) {
  return {error_class::invalid_input, "the multipart body " + std::string{why}};
}

/// The quoted or bare value at the front of the text.
std::string leading_value(std::string_view text) {
  std::string value;
  if (text.empty() || text.front() != '"') {
    return std::string{text.substr(0, text.find_first_of("; \t\r\n"))};
  }
  for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
    const bool is_escape = text[i] == '\\' && i + 1 < text.size();
    i += is_escape ? 1 : 0;
    value += text[i];
  }
  return value;
}

/// Where the next parameter of a header's value begins: behind a semicolon that is not in quotes.
std::size_t find_semicolon(std::string_view header, std::size_t from) {
  bool is_quoted = false;
  for (auto at = from; at < header.size(); ++at) {
    const char c = header[at];
    if (c == ';' && !is_quoted) {
      return at;
    }
    is_quoted = is_quoted != (c == '"');
    at += is_quoted && c == '\\' ? 1 : 0;
  }
  return std::string_view::npos;
}

/// The parameter of that name ("boundary") of a header's value.
std::optional<std::string> parameter_of(std::string_view header, std::string_view name) {
  for (auto at = find_semicolon(header, 0); at != std::string_view::npos;
       at = find_semicolon(header, at + 1)) {
    const auto rest = trim(header.substr(at + 1));
    if (starts_with_ignoring_case(rest, name) && rest.size() > name.size()
        && rest[name.size()] == '=') {
      return leading_value(rest.substr(name.size() + 1));
    }
  }
  return std::nullopt;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
}

std::string from_latin1(std::string_view text) {
  std::string utf8;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80U) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xC0U | byte >> 6U);
      utf8 += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return utf8;
}

/// What "UTF-8'en'%E2%82%AC" means (RFC 8187); nothing where it is of another charset or broken.
std::optional<std::string> read_extended(std::string_view value) {
  const auto charset = take_until(value, "'");
  take_until(value, "'");
  auto text = adapters::decode_percent(value);
  if (!text || std::ranges::any_of(*text, is_control)) {
    return std::nullopt;
  }
  if (equals_ignoring_case(charset, "utf-8")) {
    return text;
  }
  return equals_ignoring_case(charset, "iso-8859-1") ? std::optional{from_latin1(*text)}
                                                     : std::nullopt;
}

/// The parameter of that name, in either form: name*=UTF-8''..., which goes before name="...".
/// RFC 7578 forbids the first, and clients send it all the same, some without the other.
std::optional<std::string> text_parameter(std::string_view header, const std::string& name) {
  const auto extended = parameter_of(header, name + "*");
  auto text = extended ? read_extended(*extended) : std::nullopt;
  return text ? text : parameter_of(header, name);
}

/// The value of the header of that name ("content-type"), empty where a part has none.
std::string_view header_of(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    const auto line = head.substr(0, end);
    if (starts_with_ignoring_case(line, name) && line.substr(name.size()).starts_with(':')) {
      return line.substr(name.size() + 1);
    }
    head.remove_prefix(std::min(end + 2, head.size()));
  }
  return {};
}

/// Whether a part without a file's name is a file all the same. Some clients give every field a
/// Content-Type, text/plain.
bool is_type_of_file(std::string_view content_type) {
  const auto type = trim(take_until(content_type, ";"));
  return starts_with_ignoring_case(type, "image/")
         || equals_ignoring_case(type, "application/octet-stream");
}

/// The front of a text, of at most so many bytes, that cuts no character of UTF-8 in two.
std::string_view front_of(std::string_view text, std::size_t most) {
  auto end = std::min(text.size(), most);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

/// A file's name as it may be kept: no folders, no control characters, of bounded length.
std::string plain_file_name(std::string_view text) {
  const auto slash = text.find_last_of("/\\");
  text = slash == std::string_view::npos ? text : text.substr(slash + 1);
  std::string name{front_of(text, max_file_name)};
  std::erase_if(name, is_control);
  return name;
}

result<form_part> read_part(std::string_view text) {
  const auto blank = text.find("\r\n\r\n");
  if (blank == std::string_view::npos) {
    return broken("has a part without an end to its head");
  }
  const auto head = text.substr(0, blank);
  const auto disposition = header_of(head, "content-disposition");
  const auto name = text_parameter(disposition, "name");
  if (!name) {
    return broken("has a part without a name");
  }
  // One that cannot be read is still a file's.
  const bool has_file_name =
      parameter_of(disposition, "filename") || parameter_of(disposition, "filename*");
  const auto file_name = text_parameter(disposition, "filename");
  return form_part{
      *name, plain_file_name(file_name.value_or("")),
      has_file_name || is_type_of_file(header_of(head, "content-type")), text.substr(blank + 4)};
}

}  // namespace

result<std::vector<form_part>> parse_multipart(
    std::string_view content_type, std::string_view body
) {
  const auto boundary = parameter_of(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > max_boundary) {
    return broken("has no usable boundary in its Content-Type");
  }
  const std::string delimiter = "--" + *boundary;
  const std::string next = "\r\n" + delimiter;
  auto at = body.substr(0, delimiter.size()) == delimiter ? 0 : body.find(next);
  if (at == std::string_view::npos) {
    return broken("does not hold its boundary");
  }
  at += at == 0 ? delimiter.size() : next.size();
  std::vector<form_part> parts;
  while (body.substr(at, 2) != "--") {
    const auto line_end = body.find("\r\n", at);
    const auto end = line_end == std::string_view::npos ? line_end : body.find(next, line_end);
    if (end == std::string_view::npos) {
      return broken("is not closed");
    }
    if (end == line_end) {
      return broken("has a boundary right behind another");
    }
    if (parts.size() == max_parts) {
      return broken("has too many parts");
    }
    auto part = read_part(body.substr(line_end + 2, end - line_end - 2));
    if (!part) {
      return part.error();
    }
    parts.push_back(std::move(part).value());
    at = end + next.size();
  }
  return parts;
}

}  // namespace stayler::http
