// SPDX-License-Identifier: MIT
#include "messages/base/time.hpp"

#include <algorithm>

namespace stayler {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Reads exactly `width` digits at `pos` and moves past them; -1 where there are fewer.
int read_digits(std::string_view text, std::size_t& pos, std::size_t width) {
  if (pos + width > text.size()) {
    return -1;
  }
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const char c = text[pos + i];
    if (c < '0' || c > '9') {
      return -1;
    }
    value = value * 10 + (c - '0');
  }
  pos += width;
  return value;
}

bool read_char(std::string_view text, std::size_t& pos, char upper, char lower) {
  if (pos < text.size() && (text[pos] == upper || text[pos] == lower)) {
    ++pos;
    return true;
  }
  return false;
}

/// The fraction after the seconds in milliseconds, further digits cut off; nothing where it is bad.
std::optional<milliseconds> read_fraction(std::string_view text, std::size_t& pos) {
  if (!read_char(text, pos, '.', '.')) {
    return milliseconds{0};
  }
  int millis = 0;
  int digits = 0;
  while (pos < text.size() && text[pos] >= '0' && text[pos] <= '9') {
    if (digits < 3) {
      millis = millis * 10 + (text[pos] - '0');
    }
    ++digits;
    ++pos;
  }
  if (digits == 0) {
    return std::nullopt;
  }
  for (; digits < 3; ++digits) {
    millis *= 10;
  }
  return milliseconds{millis};
}

std::optional<minutes> read_offset(std::string_view text, std::size_t& pos) {
  if (read_char(text, pos, 'Z', 'z')) {
    return minutes{0};
  }
  const bool west = pos < text.size() && text[pos] == '-';
  if (!west && (pos >= text.size() || text[pos] != '+')) {
    return std::nullopt;
  }
  ++pos;
  const int h = read_digits(text, pos, 2);
  const bool colon = read_char(text, pos, ':', ':');
  const int m = read_digits(text, pos, 2);
  if (!colon || h < 0 || h > 23 || m < 0 || m > 59) {
    return std::nullopt;
  }
  const minutes offset = hours{h} + minutes{m};
  return west ? -offset : offset;
}

/// As "%0*d" would print it.
void append_padded(std::string& text, std::int64_t number, std::size_t width) {
  if (number < 0) {
    text += '-';
    number = -number;
    --width;
  }
  const std::string digits = std::to_string(number);
  text.append(width - std::min(width, digits.size()), '0').append(digits);
}

}  // namespace

std::string to_rfc3339(timestamp t) {
  const auto day = std::chrono::floor<days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{t - day};
  std::string text;
  append_padded(text, static_cast<int>(date.year()), 4);
  const auto append = [&text](char separator, std::int64_t number, std::size_t width) {
    text += separator;
    append_padded(text, number, width);
  };
  append('-', static_cast<unsigned>(date.month()), 2);
  append('-', static_cast<unsigned>(date.day()), 2);
  append('T', clock.hours().count(), 2);
  append(':', clock.minutes().count(), 2);
  append(':', clock.seconds().count(), 2);
  append('.', clock.subseconds().count(), 3);
  text += 'Z';
  return text;
}

std::optional<timestamp> parse_rfc3339(std::string_view text) {
  std::size_t pos = 0;
  const int year = read_digits(text, pos, 4);
  const bool dash1 = read_char(text, pos, '-', '-');
  const int month = read_digits(text, pos, 2);
  const bool dash2 = read_char(text, pos, '-', '-');
  const int day = read_digits(text, pos, 2);
  const bool separator = read_char(text, pos, 'T', 't') || read_char(text, pos, ' ', ' ');
  const int hour = read_digits(text, pos, 2);
  const bool colon1 = read_char(text, pos, ':', ':');
  const int minute = read_digits(text, pos, 2);
  const bool colon2 = read_char(text, pos, ':', ':');
  const int second = read_digits(text, pos, 2);
  if (year < 0 || !dash1 || !dash2 || !separator || !colon1 || !colon2 || hour < 0 || hour > 23
      || minute < 0 || minute > 59 || second < 0 || second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{
      std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
      std::chrono::day{static_cast<unsigned>(day)}};
  const auto fraction = read_fraction(text, pos);
  const auto offset = fraction ? read_offset(text, pos) : std::nullopt;
  if (month < 0 || day < 0 || !date.ok() || !offset || pos != text.size()) {
    return std::nullopt;
  }
  return timestamp{std::chrono::sys_days{date}} + hours{hour} + minutes{minute} + seconds{second}
         + *fraction - *offset;
}

}  // namespace stayler
