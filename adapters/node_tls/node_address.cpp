// SPDX-License-Identifier: MIT
#include "adapters/node_tls/node_address.hpp"

#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::size_t longest_host = 253;

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= longest_host && is_alphanumeric(host, ".-_");
}

struct parsed_address {
  node_address address;
  bool is_numeric = false;
};

result<parsed_address> parse_address(std::string_view text) {
  const auto parsed = parse_authority(text);
  const auto port = parse_number<std::uint16_t>(parsed ? parsed->port : std::string{});
  if (!parsed || !port || parsed->has_credentials
      || (!parsed->is_address && !is_host(parsed->host))) {
    return failure{error_class::invalid_input, "not HOST:PORT"};
  }
  return parsed_address{{parsed->host, *port}, parsed->is_address};
}

}  // namespace

std::string to_string(const node_address& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

result<node_address> parse_listen_address(std::string_view text) {
  auto parsed = parse_address(text);
  if (!parsed) {
    return std::move(parsed).error();
  }
  if (!parsed->is_numeric) {
    return failure{error_class::invalid_input, "not a numeric IP address"};
  }
  return std::move(parsed->address);
}

result<std::vector<node_address>> parse_join_addresses(std::string_view text) {
  std::vector<node_address> addresses;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto comma = std::min(text.find(',', begin), text.size());
    auto parsed = parse_address(text.substr(begin, comma - begin));
    if (!parsed) {
      return std::move(parsed).error();
    }
    if (parsed->address.port == 0) {
      return failure{error_class::invalid_input, "a coordinator address needs a port"};
    }
    addresses.push_back(std::move(parsed->address));
    begin = comma + 1;
  }
  return addresses;
}

}  // namespace stayler::adapters
