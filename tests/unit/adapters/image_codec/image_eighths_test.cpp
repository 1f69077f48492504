// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/jpeg/eighths.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace stayler;
using namespace stayler::adapters;

namespace {

constexpr std::size_t provider_side = 2'400;

std::size_t side_within(std::size_t width, std::size_t height) {
  const extent size{width, height};
  const extent scaled = scaled_to_eighths(size, eighths_within(size, provider_side));
  return std::max(scaled.width, scaled.height);
}

}  // namespace

TEST_CASE("what telephones take comes out between 1,400 and 2,400 pixels a side") {
  CHECK(side_within(4032, 3024) == 2016);    // 12 megapixels
  CHECK(side_within(3024, 4032) == 2016);    // upright
  CHECK(side_within(4608, 3456) == 2304);    // 16
  CHECK(side_within(4624, 3468) == 2312);    // 16
  CHECK(side_within(5712, 4284) == 2142);    // 24
  CHECK(side_within(8064, 6048) == 2016);    // 48
  CHECK(side_within(9248, 6936) == 2312);    // 64
  CHECK(side_within(12000, 9000) == 1500);   // 108
  CHECK(side_within(16320, 12240) == 2040);  // 200
  CHECK(side_within(2400, 1800) == 2400);
  CHECK(side_within(64, 48) == 64);
}

TEST_CASE("a scale leaves too little rather than too much only where there is another one") {
  for (std::size_t width = 1; width <= 20'000; ++width) {
    const std::size_t side = side_within(width, 1);
    const bool is_fit = side <= provider_side && (side >= 1'400 || side == width);
    // To be reduced afterwards: an eighth is too large, or too small so that it was two.
    const bool is_large = side > provider_side && (width > 8 * provider_side || side < 2'801);
    REQUIRE((is_fit || is_large));
  }
}

TEST_CASE("a scale that covers is the smallest that does") {
  CHECK(eighths_covering({4032, 3024}, {512, 384}) == 2);
  CHECK(eighths_covering({4096, 3072}, {512, 384}) == 1);
  CHECK(eighths_covering({100, 100}, {100, 100}) == 8);
  CHECK(eighths_covering({100, 100}, {500, 1}) == 8);
}

TEST_CASE("a scale bounds what is decoded, not what is declared") {
  CHECK(eighths_with_pixels({4000, 3000}, 12'000'000) == 8);
  CHECK(eighths_with_pixels({16'320, 12'240}, 50'000'000) == 4);
  CHECK(eighths_with_pixels({16'320, 12'240}, 1) == 1);
}

TEST_CASE("a scaled side is rounded up, as libjpeg does") {
  CHECK(scaled_to_eighths({9, 1}, 1) == extent{2, 1});
  CHECK(scaled_to_eighths({4023, 3023}, 4) == extent{2012, 1512});
}
