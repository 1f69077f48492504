// SPDX-License-Identifier: MIT

// Proves when a codec process may be started again, and how long a picture that costs processes is
// remembered.

#include "adapters/image_codec/process/deadly_pictures.hpp"
#include "adapters/image_codec/process/respawn_schedule.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace stayler;
using namespace stayler::adapters;
using namespace std::chrono_literals;

namespace {

constexpr respawn_schedule::time_point start{1h};

std::span<const std::byte> bytes_in(const std::string& text) {
  return std::as_bytes(std::span{text});
}

const failure deadly{error_class::invalid_input, "it crashed twice", {}};

}  // namespace

TEST_CASE("a process that is lost is replaced at once, one that does not start more and more slowly"
) {
  respawn_schedule schedule;
  CHECK(schedule.next_start() <= start);
  for (const auto pause : {100ms, 1'000ms, 5'000ms, 5'000ms}) {
    schedule.failed(start, "no memory");
    CHECK(schedule.next_start() == start + pause);
    CHECK(schedule.problem().empty());
  }
  schedule.succeeded();
  CHECK(schedule.next_start() <= start);
}

TEST_CASE("five failed starts in a row are a problem, until one succeeds") {
  respawn_schedule schedule;
  for (int i = 0; i < 5; ++i) {
    CHECK(schedule.problem().empty());
    schedule.failed(start, "no memory " + std::to_string(i));
  }
  CHECK(schedule.problem() == "no memory 4");
  schedule.succeeded();
  CHECK(schedule.problem().empty());
  schedule.failed(start, "no memory");
  CHECK(schedule.next_start() == start + 100ms);
}

TEST_CASE("a deadly picture is known for an hour, by its content") {
  deadly_pictures known;
  const std::string picture = "picture";
  CHECK_FALSE(known.find(bytes_in(picture), start));
  known.remember(bytes_in(picture), deadly, start);
  CHECK(known.find(bytes_in(std::string{picture}), start) == deadly);
  CHECK_FALSE(known.find(bytes_in("pictura"), start));
  CHECK_FALSE(known.find(bytes_in("picture "), start));
  CHECK(known.find(bytes_in(picture), start + 59min));
  CHECK_FALSE(known.find(bytes_in(picture), start + 1h));
}

TEST_CASE("of many deadly pictures the latest are known") {
  deadly_pictures known;
  for (std::size_t i = 0; i <= deadly_pictures::most; ++i) {
    known.remember(bytes_in(std::to_string(i)), deadly, start);
  }
  CHECK_FALSE(known.find(bytes_in("0"), start));
  CHECK(known.find(bytes_in("1"), start));
  CHECK(known.find(bytes_in(std::to_string(deadly_pictures::most)), start));
}
