// SPDX-License-Identifier: MIT
#include "adapters/config/wording.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

/// The text with "***" for what stands before an @, which may be a password, whether or not the
/// rest is an address as it should be, and for what follows an address's path, which may hold a
/// key.
std::string without_secrets(std::string_view text) {
  const auto scheme = text.find("://");
  const bool is_address = scheme != std::string_view::npos;
  const auto begin = is_address ? scheme + 3 : 0;
  const auto at = text.rfind('@');
  std::string shown{text};
  if (at != std::string_view::npos && at > begin) {
    shown.replace(begin, at - begin, "***");
  }
  const auto behind = shown.find_first_of("?#");
  if (is_address && behind != std::string::npos && behind + 1 < shown.size()) {
    shown.replace(behind + 1, std::string::npos, "***");
  }
  return shown;
}

}  // namespace

std::string in_quotes(std::string_view value) {
  constexpr std::size_t longest = 80;
  const std::string text = without_secrets(value);
  std::string shown{text.substr(0, longest)};
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  std::replace_if(shown.begin(), shown.end(), is_control, '?');
  return "\"" + shown + (text.size() > longest ? "...\"" : "\"");
}

std::string listed(std::span<const std::string_view> words, std::string_view last) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) {
      list += i + 1 < words.size() ? ", " : " " + std::string{last} + " ";
    }
    list += words[i];
  }
  return list;
}

/// Optimal string alignment: Levenshtein's table, of which the last three rows are kept, with
/// swaps.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before(to.size() + 1);
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, row[j - 1] + 1, last[j] + 1});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last.back();
}

std::string nearest_name(std::string_view name, std::span<const std::string> candidates) {
  std::string nearest;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace stayler::adapters
