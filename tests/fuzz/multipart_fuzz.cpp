// SPDX-License-Identifier: MIT

// The first line is a Content-Type, the rest a body. Its parts lie within it, one behind the other,
// and hold no boundary; a form that is written anew with them has the same parts.
#include "http/api/pictures/multipart.hpp"
#include "messages/base/text.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace stayler;
using fuzz::require;
using http::form_part;

namespace {

constexpr std::string_view known_type = "multipart/form-data; boundary=X";

bool is_plain_name(std::string_view name) {
  return name.size() <= 255 && name.find_first_of("/\\") == std::string_view::npos
         && std::ranges::none_of(name, [](char c) {
              return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
            });
}

void check_parts(const std::vector<form_part>& parts, std::string_view body) {
  require(parts.size() <= 32);
  const char* behind = body.data();
  for (const form_part& each : parts) {
    require(each.content.data() >= behind);
    behind = each.content.data() + each.content.size();
    require(behind <= body.data() + body.size());
    require(is_plain_name(each.file_name) && (each.is_file || each.file_name.empty()));
  }
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    result += c == '"' || c == '\\' ? "\\" : "";
    result += c;
  }
  return result + '"';
}

void check_again(const std::vector<form_part>& parts) {
  std::string body;
  for (const form_part& each : parts) {
    body += "--X\r\nContent-Disposition: form-data; name=" + in_quotes(each.name);
    body += each.is_file ? "; filename=" + in_quotes(each.file_name) : std::string{};
    body.append("\r\n\r\n").append(each.content).append("\r\n");
  }
  const auto again = http::parse_multipart(known_type, body += "--X--");
  require(again && again->size() == parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    require((*again)[i].name == parts[i].name && (*again)[i].file_name == parts[i].file_name);
    require((*again)[i].is_file == parts[i].is_file && (*again)[i].content == parts[i].content);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body{reinterpret_cast<const char*>(data), size};
  const auto content_type = take_until(body, "\n");
  if (const auto parts = http::parse_multipart(content_type, body)) {
    check_parts(*parts, body);
  } else {
    fuzz::require_reason(parts.error());
  }
  const auto parts = http::parse_multipart(known_type, body);
  if (!parts) {
    fuzz::require_reason(parts.error());
    return 0;
  }
  check_parts(*parts, body);
  for (const form_part& each : *parts) {
    require(each.content.find("\r\n--X") == std::string_view::npos);
  }
  check_again(*parts);
  return 0;
}
