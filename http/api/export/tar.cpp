// SPDX-License-Identifier: MIT
#include "http/api/export/tar.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace stayler::http {

namespace {

constexpr std::size_t block = 512;
constexpr std::size_t longest_name = 100;
constexpr std::size_t checksum_at = 148;

/// Octal digits and a zero byte.
void put_number(std::string& head, std::size_t at, std::size_t size, std::uint64_t number) {
  const std::string digits = fmt::format("{:0{}o}", number, size - 1);
  head.replace(at, digits.size(), digits);
}

}  // namespace

std::string tar_head(std::string_view name, std::uint64_t bytes, timestamp changed_at) {
  std::string head(block, '\0');
  name = name.substr(0, longest_name);
  head.replace(0, name.size(), name);
  put_number(head, 100, 8, 0600);  // mode
  put_number(head, 108, 8, 0);     // owner
  put_number(head, 116, 8, 0);     // group
  put_number(head, 124, 12, bytes);
  const auto at = std::chrono::floor<std::chrono::seconds>(changed_at.time_since_epoch()).count();
  put_number(head, 136, 12, static_cast<std::uint64_t>(std::max<std::int64_t>(at, 0)));
  head[156] = '0';  // a regular file
  head.replace(257, 5, "ustar");
  head.replace(263, 2, "00");
  // The sum of all bytes, with blanks in its own place.
  head.replace(checksum_at, 8, 8, ' ');
  const auto sum =
      std::accumulate(head.begin(), head.end(), std::uint64_t{0}, [](auto all, char c) {
        return all + static_cast<unsigned char>(c);
      });
  head.replace(checksum_at, 7, fmt::format("{:06o}", sum) + '\0');
  return head;
}

std::string tar_padding(std::uint64_t bytes) {
  return std::string((block - bytes % block) % block, '\0');
}

std::string tar_end() {
  return std::string(2 * block, '\0');
}

}  // namespace stayler::http
