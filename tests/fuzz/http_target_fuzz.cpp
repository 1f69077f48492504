// SPDX-License-Identifier: MIT

// Whatever stands in a request line: it is a target that shows all of its slashes, and is the same
// when it is written anew, or it is refused with a reason. Read as a Range or an If-None-Match
// header, the same bytes ask for nothing beyond the body.
#include "adapters/url/url.hpp"
#include "http/api/pictures/byte_range.hpp"
#include "http/server/request/target.hpp"
#include "messages/base/text.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

using namespace stayler;
using adapters::encode_percent;
using fuzz::require;
using http::byte_range;

namespace {

std::string written(const http::target& from) {
  std::string text;
  std::string_view path = std::string_view{from.path}.substr(1);
  for (;;) {
    const auto slash = path.find('/');
    text += '/' + encode_percent(path.substr(0, slash));
    if (slash == std::string_view::npos) {
      break;
    }
    path.remove_prefix(slash + 1);
  }
  for (char mark = '?'; const auto& [name, value] : from.query) {
    text += mark + encode_percent(name) + '=' + encode_percent(value);
    mark = '&';
  }
  return text;
}

void check_target(std::string_view text) {
  const auto read = http::parse_target(text);
  if (!read) {
    fuzz::require_reason(read.error());
    return;
  }
  if (text == "*") {
    require(read->path == "*" && read->query.empty());
    return;
  }
  require(read->path.starts_with('/') && read->path.find('\\') == std::string::npos);
  require(read->authority.find_first_of("/?") == std::string::npos);
  if (read->authority.empty() && text.starts_with('/')) {
    const auto path = text.substr(0, text.find('?'));
    require(std::ranges::count(path, '/') == std::ranges::count(read->path, '/'));
  }
  if (text.find('\0') == std::string_view::npos) {
    require(read->path.find('\0') == std::string::npos);
    const auto again = http::parse_target(written(*read));
    require(again && again->path == read->path && again->query == read->query);
  }
}

void check_range(std::string_view header, std::size_t size) {
  const auto range = http::parse_byte_range(header, size);
  if (range.type != byte_range::kind::part) {
    require(range.offset == 0 && range.count == 0);
    return;
  }
  require(range.count > 0 && range.offset < size && range.count <= size - range.offset);
  const std::string last = std::to_string(range.offset + range.count - 1);
  const auto again =
      http::parse_byte_range("bytes=" + std::to_string(range.offset) + '-' + last, size);
  require(again.type == byte_range::kind::part);
  require(again.offset == range.offset && again.count == range.count);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_target(text);
  for (const std::size_t body :
       {std::size_t{0}, std::size_t{1}, std::size_t{1'000},
        std::numeric_limits<std::size_t>::max()}) {
    check_range(text, body);
  }
  constexpr std::string_view tag = "\"a1b2\"";
  require(!http::names_entity(text, tag) || text.find_first_of("\"*") != std::string_view::npos);
  require(http::names_entity(std::string{text}.append(", W/").append(tag), tag));
  return 0;
}
