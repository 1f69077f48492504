// SPDX-License-Identifier: MIT
#include "messages/base/duration.hpp"

#include <array>
#include <cmath>
#include <optional>

namespace stayler {

namespace {

struct unit {
  std::string_view suffix;
  double millis;
};

// "ms" stands before "m", so that the longer suffix is tried first.
constexpr std::array<unit, 4> units{{{"ms", 1}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}}};

const unit* unit_at(std::string_view rest) {
  for (const unit& u : units) {
    if (rest.substr(0, u.suffix.size()) == u.suffix) {
      return &u;
    }
  }
  return nullptr;
}

/// The decimal number at `pos`, moving past it; nothing where there is none.
std::optional<double> read_decimal(std::string_view text, std::size_t& pos) {
  const std::size_t begin = pos;
  double value = 0;
  double scale = 0;
  for (; pos < text.size(); ++pos) {
    const char c = text[pos];
    if (c == '.' && scale == 0) {
      scale = 1;
    } else if (c >= '0' && c <= '9') {
      value = value * 10 + (c - '0');
      scale *= 10;
    } else {
      break;
    }
  }
  if (pos == begin || text[pos - 1] == '.') {
    return std::nullopt;
  }
  return scale > 1 ? value / scale : value;
}

failure bad_duration(std::string_view text) {
  return {
      error_class::invalid_input,
      "\"" + std::string{text} + "\" is not a duration; allowed: 500ms, 30s, 5m, 1h, 1h30m"};
}

}  // namespace

result<milliseconds> parse_duration(std::string_view text) {
  std::size_t pos = 0;
  double total = 0;
  while (pos < text.size()) {
    const auto number = read_decimal(text, pos);
    const unit* found = number ? unit_at(text.substr(pos)) : nullptr;
    if (found == nullptr) {
      return bad_duration(text);
    }
    total += *number * found->millis;
    pos += found->suffix.size();
  }
  constexpr double longest = 10'000.0 * 24 * 3'600'000;
  // Written so that NaN, which hundreds of decimals can make, is refused too.
  if (text.empty() || !(total <= longest)) {
    return bad_duration(text);
  }
  return milliseconds{std::llround(total)};
}

std::string format_duration(milliseconds d) {
  const auto count = d.count();
  if (count != 0 && count % 3'600'000 == 0) {
    return std::to_string(count / 3'600'000) + "h";
  }
  // Minutes only where they read better than seconds: "5m", but "90s" and "600s" as configured.
  if (count != 0 && count % 300'000 == 0 && count < 600'000) {
    return std::to_string(count / 60'000) + "m";
  }
  if (count % 1000 == 0) {
    return std::to_string(count / 1000) + "s";
  }
  return std::to_string(count) + "ms";
}

}  // namespace stayler
