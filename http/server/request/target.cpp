// SPDX-License-Identifier: MIT
#include "http/server/request/target.hpp"

#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <algorithm>

namespace stayler::http {

namespace {

using adapters::decode_percent;

failure broken_escape(std::string_view where) {
  return {
      error_class::invalid_input,
      "the " + std::string{where} + " holds a broken percent-encoding or a zero byte"};
}

/// Whether a path, once decoded, has other segments than it shows. The rules of a front read it as
/// it comes.
bool hides_slash(std::string_view path) {
  for (auto at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    const auto escape = path.substr(at, 3);
    if (equals_ignoring_case(escape, "%2f") || equals_ignoring_case(escape, "%5c")) {
      return true;
    }
  }
  return path.find('\\') != std::string_view::npos;
}

/// Cuts an absolute form down to its path and query; its authority.
std::string_view take_authority(std::string_view& text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) {
      const auto slash = std::min(text.find_first_of("/?", scheme.size()), text.size());
      const auto authority = text.substr(scheme.size(), slash - scheme.size());
      text = slash == text.size() ? "/" : text.substr(slash);
      return authority;
    }
  }
  return {};
}

}  // namespace

result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!text.empty()) {
    const auto part = take_until(text, "&");
    if (part.empty()) {
      continue;
    }
    const auto equals = part.find('=');
    auto name = decode_percent(part.substr(0, equals), true);
    auto value = decode_percent(
        equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1), true
    );
    if (!name || !value) {
      return broken_escape("query");
    }
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

result<target> parse_target(std::string_view text) {
  if (text == "*") {
    return target{"*", {}, {}};
  }
  auto origin = text;
  const auto authority = take_authority(origin);
  if (origin.empty() || origin.front() != '/' || origin.find('#') != std::string_view::npos) {
    return failure{error_class::invalid_input, "the request target is not a path"};
  }
  const auto mark = origin.find('?');
  if (hides_slash(origin.substr(0, mark))) {
    return failure{
        error_class::invalid_input, "a path may not hold an encoded slash or a backslash"};
  }
  auto path = decode_percent(origin.substr(0, mark));
  if (!path) {
    return broken_escape("path");
  }
  auto query =
      parse_query(mark == std::string_view::npos ? std::string_view{} : origin.substr(mark + 1));
  if (!query) {
    return query.error();
  }
  return target{std::move(*path), std::move(query).value(), std::string{authority}};
}

}  // namespace stayler::http
