// SPDX-License-Identifier: MIT
#include "http/server/connections/proxy_header.hpp"

#include "adapters/ip_network/ip_network.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <optional>
#include <sys/socket.h>

namespace stayler::http {

namespace {

using state = proxy_header::state;

constexpr std::string_view text_mark = "PROXY ";
constexpr std::string_view binary_mark{"\r\n\r\n\0\r\nQUIT\n", 12};

/// "PROXY UNKNOWN\r\n" is the shortest header of all.
constexpr std::size_t shortest_header = 15;
constexpr std::size_t longest_line = 107;

/// The marks, the version with the command, the family with the transport, and a length.
constexpr std::size_t binary_head = 16;

proxy_header wants(std::size_t bytes) {
  return {state::incomplete, bytes, {}};
}

proxy_header speaks_for(std::string source) {
  return {state::complete, 0, std::move(source)};
}

bool begins_like(std::string_view bytes, std::string_view mark) {
  return mark.starts_with(bytes.substr(0, mark.size()));
}

bool is_port(std::string_view text) {
  return !text.empty() && parse_number<std::uint16_t>(text).has_value();
}

std::optional<adapters::numeric_address> parse_address(std::string_view text, bool is_ipv6) {
  const bool looks_like_ipv6 = text.find(':') != std::string_view::npos;
  return looks_like_ipv6 == is_ipv6 ? adapters::parse_numeric_address(text) : std::nullopt;
}

/// "TCP4 192.0.2.7 198.51.100.1 50000 8080", or "UNKNOWN" and whatever.
proxy_header parse_line(std::string_view line) {
  const auto family = take_until(line, " ");
  if (family == "UNKNOWN") {
    return speaks_for({});
  }
  const bool is_ipv6 = family == "TCP6";
  if (!is_ipv6 && family != "TCP4") {
    return {};
  }
  const auto source = parse_address(take_until(line, " "), is_ipv6);
  const auto target = parse_address(take_until(line, " "), is_ipv6);
  const bool has_ports = is_port(take_until(line, " ")) && is_port(line);
  return source && target && has_ports ? speaks_for(adapters::to_string(*source)) : proxy_header{};
}

proxy_header parse_text(std::string_view bytes) {
  const auto end = bytes.find('\n');
  if (end == std::string_view::npos) {
    return bytes.size() < longest_line ? wants(1) : proxy_header{};
  }
  if (end + 1 != bytes.size() || bytes[end - 1] != '\r') {
    return {};
  }
  return parse_line(bytes.substr(text_mark.size(), end - 1 - text_mark.size()));
}

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

/// The source is the first of the addresses.
proxy_header parse_addresses(unsigned family_and_transport, std::string_view block) {
  constexpr unsigned tcp4 = 0x11;
  constexpr unsigned tcp6 = 0x21;
  constexpr unsigned unspecified = 0x00;
  constexpr unsigned unix_stream = 0x31;
  const std::size_t address_bytes = family_and_transport == tcp4   ? 4
                                    : family_and_transport == tcp6 ? 16
                                                                   : 0;
  if (address_bytes == 0) {
    const bool has_none =
        family_and_transport == unspecified || family_and_transport == unix_stream;
    return has_none ? speaks_for({}) : proxy_header{};
  }
  if (block.size() < 2 * (address_bytes + 2)) {
    return {};
  }
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(address_bytes == 4 ? AF_INET : AF_INET6, block.data(), text, sizeof text);
  const auto source = adapters::parse_numeric_address(text);
  return source ? speaks_for(adapters::to_string(*source)) : proxy_header{};
}

proxy_header parse_binary(std::string_view bytes) {
  constexpr unsigned local = 0x20;
  constexpr unsigned proxied = 0x21;
  if (bytes.size() < binary_head) {
    return wants(binary_head - bytes.size());
  }
  const unsigned command = byte_at(bytes, 12);
  const std::size_t whole = binary_head + (byte_at(bytes, 14) << 8U | byte_at(bytes, 15));
  if ((command != local && command != proxied) || whole > max_proxy_header_bytes) {
    return {};
  }
  if (bytes.size() < whole) {
    return wants(whole - bytes.size());
  }
  if (bytes.size() > whole) {
    return {};
  }
  return command == local ? speaks_for({})
                          : parse_addresses(byte_at(bytes, 13), bytes.substr(binary_head));
}

}  // namespace

proxy_header parse_proxy_header(std::string_view bytes) {
  const bool is_text = begins_like(bytes, text_mark);
  if (!is_text && !begins_like(bytes, binary_mark)) {
    return {};
  }
  if (bytes.size() < shortest_header) {
    return wants(shortest_header - bytes.size());
  }
  return is_text ? parse_text(bytes) : parse_binary(bytes);
}

}  // namespace stayler::http
