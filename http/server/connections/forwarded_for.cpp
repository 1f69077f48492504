// SPDX-License-Identifier: MIT
#include "http/server/connections/forwarded_for.hpp"

#include "messages/base/text.hpp"

#include <optional>
#include <string_view>

namespace stayler::http {

namespace {

/// "192.0.2.7", "192.0.2.7:50000", "2001:db8::7", "[2001:db8::7]" or "[2001:db8::7]:50000".
std::optional<adapters::numeric_address> parse_hop(std::string_view text) {
  if (text.starts_with('[')) {
    text.remove_prefix(1);
    return adapters::parse_numeric_address(text.substr(0, text.find(']')));
  }
  const auto colon = text.find(':');
  const bool has_port = colon != std::string_view::npos && colon == text.rfind(':');
  return adapters::parse_numeric_address(has_port ? text.substr(0, colon) : text);
}

/// Takes the last element off a list that is separated by commas.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const auto last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return trim(last);
}

}  // namespace

bool is_trusted(std::span<const adapters::ip_network> trusted, const std::string& address) {
  if (trusted.empty()) {
    return false;
  }
  const auto parsed = adapters::parse_numeric_address(address);
  return parsed && adapters::contains(trusted, *parsed);
}

std::string forwarded_caller(
    const request& head, const std::string& peer, std::span<const adapters::ip_network> trusted
) {
  std::string caller = peer;
  for (auto field = head.headers.rbegin(); field != head.headers.rend(); ++field) {
    std::string_view hops = field->first == "x-forwarded-for" ? field->second : std::string_view{};
    while (!hops.empty()) {
      const auto hop = parse_hop(take_last(hops));
      if (!hop) {
        return peer;
      }
      caller = adapters::to_string(*hop);
      if (!adapters::contains(trusted, *hop)) {
        return caller;
      }
    }
  }
  return caller;
}

}  // namespace stayler::http
