// SPDX-License-Identifier: MIT
#include "adapters/node_tls/node_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>
#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::size_t longest_host = 253;

bool is_figures(const std::string& host) {
  in6_addr room{};
  return inet_pton(AF_INET, host.c_str(), &room) == 1
         || inet_pton(AF_INET6, host.c_str(), &room) == 1;
}

bool is_host(std::string_view host) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !host.empty() && host.size() <= longest_host
         && host.find_first_not_of(allowed) == std::string_view::npos;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole ? std::optional{port} : std::nullopt;
}

failure not_an_address() {
  return {error_class::invalid_input, "not HOST:PORT", {}};
}

result<node_address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return not_an_address();
  }
  std::string_view host = text.substr(0, colon);
  const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (has_brackets) {
    host = host.substr(1, host.size() - 2);
  }
  const auto port = parse_port(text.substr(colon + 1));
  node_address address{std::string{host}, port.value_or(0)};
  const bool is_known = has_brackets ? is_figures(address.host) : is_host(address.host);
  if (!port || !is_known) {
    return not_an_address();
  }
  return address;
}

}  // namespace

std::string to_string(const node_address& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

result<node_address> parse_listen_address(std::string_view text) {
  auto address = parse_address(text);
  if (address && !is_figures(address->host)) {
    return failure{error_class::invalid_input, "not an address in figures", {}};
  }
  return address;
}

result<std::vector<node_address>> parse_join_addresses(std::string_view text) {
  std::vector<node_address> addresses;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto comma = std::min(text.find(',', begin), text.size());
    auto address = parse_address(text.substr(begin, comma - begin));
    if (!address) {
      return std::move(address).error();
    }
    if (address->port == 0) {
      return failure{error_class::invalid_input, "a coordinator has a port", {}};
    }
    addresses.push_back(std::move(*address));
    begin = comma + 1;
  }
  return addresses;
}

}  // namespace stayler::adapters
