// SPDX-License-Identifier: MIT

// Times and durations as text: what is read, what is refused, and that writing and reading are
// inverse to each other.

#include "messages/base/time.hpp"

#include "messages/base/duration.hpp"
#include "tests/support/catch.hpp"

#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace stayler {

using namespace std::chrono_literals;

namespace {

timestamp at(std::chrono::sys_days day, milliseconds since_midnight = 0ms) {
  return timestamp{day} + since_midnight;
}

constexpr std::chrono::sys_days day(int year, unsigned month, unsigned date) {
  return std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{date};
}

}  // namespace

TEST_CASE("a duration is read in each unit, in fractions and in sums") {
  const std::vector<std::pair<std::string, milliseconds>> cases{
      {"500ms", 500ms}, {"0s", 0ms},          {"30s", 30s},     {"5m", 5min},
      {"1h", 1h},       {"1.5s", 1'500ms},    {"1h30m", 90min}, {"1m30s500ms", 90'500ms},
      {"0.25h", 15min}, {"1.0005s", 1'001ms}, {"007s", 7s},     {"24000h", 24'000h},
      {".5s", 500ms},   {"1m1h", 61min},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    const auto read = parse_duration(text);
    REQUIRE(read.has_value());
    CHECK(read.value() == expected);
  }
}

TEST_CASE("what is no duration is refused with a message that says what is allowed") {
  for (const std::string text :
       {"",
        "5",
        "s",
        "ms",
        "5x",
        "5 s",
        " 5s",
        "5s ",
        "-5s",
        "+5s",
        "1.s",
        "1..5s",
        ".",
        "1,5s",
        "5S",
        "5d",
        "1e3s",
        "0x10s",
        "1h30",
        "240001h",
        "99999999999999999999999h",
        "five minutes"}) {
    INFO(text);
    const auto read = parse_duration(text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().kind == error_class::invalid_input);
    CHECK(read.error().message.find("\"" + text + "\"") == 0);
    CHECK(read.error().message.find("30s") != std::string::npos);
  }
}

TEST_CASE("hundreds of digits are refused or read, never misread") {
  CHECK_FALSE(parse_duration(std::string(400, '9') + "s").has_value());
  CHECK_FALSE(parse_duration("0." + std::string(400, '9') + "s").has_value());
  CHECK(parse_duration("0." + std::string(400, '0') + "s").has_value());
}

TEST_CASE("a duration is written in the form that people write") {
  CHECK(format_duration(0ms) == "0s");
  CHECK(format_duration(1ms) == "1ms");
  CHECK(format_duration(500ms) == "500ms");
  CHECK(format_duration(1'500ms) == "1500ms");
  CHECK(format_duration(30s) == "30s");
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(5min) == "5m");
  CHECK(format_duration(600s) == "600s");
  CHECK(format_duration(1h) == "1h");
  CHECK(format_duration(90min) == "5400s");
  CHECK(format_duration(336h) == "336h");
}

TEST_CASE("every duration that is written is read back") {
  std::mt19937_64 engine{20'260'101};
  const milliseconds longest = 24'000h;
  std::uniform_int_distribution<std::int64_t> any{0, longest.count()};
  for (const std::int64_t unit : {1, 1'000, 60'000, 300'000, 3'600'000}) {
    for (int i = 0; i < 2'000; ++i) {
      const milliseconds original{any(engine) / unit * unit};
      const auto text = format_duration(original);
      INFO(text);
      REQUIRE(parse_duration(text).has_value());
      REQUIRE(parse_duration(text).value() == original);
    }
  }
}

TEST_CASE("a time is written in UTC with milliseconds") {
  CHECK(to_rfc3339(timestamp{}) == "1970-01-01T00:00:00.000Z");
  CHECK(to_rfc3339(at(day(2026, 11, 24), 9h + 30min + 125ms)) == "2026-11-24T09:30:00.125Z");
  CHECK(to_rfc3339(at(day(2024, 2, 29), 23h + 59min + 59s + 999ms)) == "2024-02-29T23:59:59.999Z");
  CHECK(to_rfc3339(timestamp{} - 1ms) == "1969-12-31T23:59:59.999Z");
  CHECK(to_rfc3339(at(day(9999, 12, 31))) == "9999-12-31T00:00:00.000Z");
}

TEST_CASE("a time is read with any offset, any number of decimals, either case") {
  const auto noon = at(day(2026, 11, 24), 12h);
  const std::vector<std::pair<std::string, timestamp>> cases{
      {"2026-11-24T12:00:00Z", noon},
      {"2026-11-24t12:00:00z", noon},
      {"2026-11-24 12:00:00Z", noon},
      {"2026-11-24T12:00:00.1Z", noon + 100ms},
      {"2026-11-24T12:00:00.125Z", noon + 125ms},
      {"2026-11-24T12:00:00.999999999Z", noon + 999ms},
      {"2026-11-24T12:00:00+00:00", noon},
      {"2026-11-24T12:00:00-00:00", noon},
      {"2026-11-24T13:30:00+01:30", noon},
      {"2026-11-24T04:00:00-08:00", noon},
      {"2026-11-25T11:59:00+23:59", noon},
      {"2016-12-31T23:59:60Z", at(day(2017, 1, 1))},
      {"2024-02-29T00:00:00Z", at(day(2024, 2, 29))},
      {"1969-12-31T23:59:59.999Z", timestamp{} - 1ms},
      {"0000-01-01T00:00:00Z", at(day(0, 1, 1))},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    const auto read = parse_rfc3339(text);
    REQUIRE(read.has_value());
    CHECK(*read == expected);
  }
}

TEST_CASE("what is no RFC 3339 time is refused") {
  for (const std::string text :
       {"",
        "2026-11-24",
        "2026-11-24T12:00:00",
        "2026-11-24T12:00Z",
        "2026-11-24T12:00:00.Z",
        "2026-11-24T12:00:00,5Z",
        "2026-11-24T12:00:00Z ",
        " 2026-11-24T12:00:00Z",
        "2026-11-24T12:00:00Zulu",
        "2026-11-24T12:00:00+01",
        "2026-11-24T12:00:00+0100",
        "2026-11-24T12:00:00+24:00",
        "2026-11-24T12:00:00+01:60",
        "2026-11-24T24:00:00Z",
        "2026-11-24T12:60:00Z",
        "2026-11-24T12:00:61Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "26-11-24T12:00:00Z",
        "+2026-11-24T12:00:00Z",
        "2026-1-24T12:00:00Z",
        "2026/11/24T12:00:00Z",
        "2026-11-24X12:00:00Z",
        "2026--24T12:00:00Z",
        "2026-11-24T-1:00:00Z",
        "1764000000"}) {
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text).has_value());
  }
}

TEST_CASE("no part of a time is a time") {
  const std::string whole = "2026-11-24T12:34:56.789+01:00";
  REQUIRE(parse_rfc3339(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO(whole.substr(0, length));
    CHECK_FALSE(parse_rfc3339(whole.substr(0, length)).has_value());
  }
}

TEST_CASE("every time from year 0 to 9999 that is written is read back") {
  std::mt19937_64 engine{20'260'102};
  std::uniform_int_distribution<std::int64_t> any{
      at(day(0, 1, 1)).time_since_epoch().count(),
      at(day(9999, 12, 31), 86'399'999ms).time_since_epoch().count()};
  for (int i = 0; i < 10'000; ++i) {
    const timestamp original{milliseconds{any(engine)}};
    INFO(to_rfc3339(original));
    REQUIRE(parse_rfc3339(to_rfc3339(original)) == original);
  }
}

TEST_CASE("only the epoch is not set, and a finer time is cut, not rounded") {
  CHECK_FALSE(is_set(timestamp{}));
  CHECK(is_set(timestamp{1ms}));
  CHECK(is_set(timestamp{-1ms}));
  CHECK(to_timestamp(std::chrono::system_clock::time_point{1'999us}) == timestamp{1ms});
}

}  // namespace stayler
