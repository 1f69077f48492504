// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/exif_facts.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/picture_files.hpp"

#include <random>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

exif_facts facts_of(const exif_content& kind) {
  return read_exif(raw(make_exif(kind)));
}

}  // namespace

TEST_CASE("the orientation is read in both byte orders, with and without the prefix") {
  for (std::uint32_t number = 1; number <= 8; ++number) {
    for (const bool is_little : {false, true}) {
      for (const bool has_prefix : {false, true}) {
        const auto facts =
            facts_of({.orientation = number, .is_little = is_little, .has_prefix = has_prefix});
        CHECK(static_cast<std::uint32_t>(facts.lies) == number);
      }
    }
  }
}

TEST_CASE("an orientation that EXIF does not have means upright") {
  CHECK(facts_of({.orientation = 0}).lies == orientation::upright);
  CHECK(facts_of({.orientation = 9}).lies == orientation::upright);
  CHECK(read_exif({}).lies == orientation::upright);
  CHECK(read_exif(raw("Exif")).lies == orientation::upright);
}

TEST_CASE("Adobe RGB is told by an uncalibrated colour space and R03") {
  CHECK_FALSE(facts_of({}).is_uncalibrated);
  CHECK(facts_of({.is_uncalibrated = true}).is_uncalibrated);
  CHECK_FALSE(facts_of({.is_uncalibrated = true}).is_adobe_rgb);
  CHECK(facts_of({.is_uncalibrated = true, .interoperability = "R03"}).is_adobe_rgb);
  CHECK_FALSE(facts_of({.is_uncalibrated = true, .interoperability = "R98"}).is_adobe_rgb);
  CHECK_FALSE(facts_of({.interoperability = "R03"}).is_adobe_rgb);
}

TEST_CASE("offsets that lead anywhere read as nothing") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const std::string whole =
      make_exif({.orientation = 6, .is_uncalibrated = true, .interoperability = "R03"});
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (auto flips = random() % 4 + 1; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    bytes.resize(random() % 4 == 0 ? random() % (bytes.size() + 1) : bytes.size());
    const auto facts = read_exif(raw(bytes));
    REQUIRE(static_cast<int>(facts.lies) >= 1);
    REQUIRE(static_cast<int>(facts.lies) <= 8);
  }
}
