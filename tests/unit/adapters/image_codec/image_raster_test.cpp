// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/raster/raster.hpp"
#include "adapters/image_codec/pixels/raster/resize.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;

namespace {

/// A picture whose pixels are named by letters; in all channels.
raster picture_of(const std::vector<std::string>& rows, pixel_kind kind = pixel_kind::rgb) {
  raster picture{{rows.front().size(), rows.size()}, kind};
  for (std::size_t y = 0; y < rows.size(); ++y) {
    for (std::size_t i = 0; i < picture.row_bytes(); ++i) {
      picture.row(y)[i] = static_cast<std::uint8_t>(rows[y][i / picture.channels()]);
    }
  }
  return picture;
}

std::vector<std::string> letters_of(const raster& picture) {
  std::vector<std::string> rows(picture.size().height);
  for (std::size_t y = 0; y < rows.size(); ++y) {
    for (std::size_t i = 0; i < picture.row_bytes(); i += picture.channels()) {
      rows[y] += static_cast<char>(picture.row(y)[i]);
    }
  }
  return rows;
}

raster filled(extent size, std::vector<std::uint8_t> pixel) {
  raster picture{size, pixel.size() == 3 ? pixel_kind::rgb : pixel_kind::rgba};
  for (std::size_t i = 0; i < picture.bytes().size(); ++i) {
    picture.bytes()[i] = pixel[i % pixel.size()];
  }
  return picture;
}

std::vector<std::uint8_t> bytes_in(const raster& picture) {
  return {picture.bytes().begin(), picture.bytes().end()};
}

}  // namespace

TEST_CASE("a picture is turned upright from each of EXIF's eight orientations") {
  // How "AB" above "CD" above "EF" is stored when it lies so.
  const std::vector<std::string> upright{"AB", "CD", "EF"};
  const std::vector<std::pair<orientation, std::vector<std::string>>> stored{
      {orientation::upright, {"AB", "CD", "EF"}},
      {orientation::mirrored, {"BA", "DC", "FE"}},
      {orientation::upside_down, {"FE", "DC", "BA"}},
      {orientation::mirrored_down, {"EF", "CD", "AB"}},
      {orientation::transposed, {"ACE", "BDF"}},
      {orientation::turned_left, {"BDF", "ACE"}},
      {orientation::transversed, {"FDB", "ECA"}},
      {orientation::turned_right, {"ECA", "FDB"}},
  };
  for (const auto& [lies, rows] : stored) {
    INFO("orientation " << static_cast<int>(lies));
    CHECK(letters_of(turned_upright(picture_of(rows), lies)) == upright);
    CHECK(letters_of(turned_upright(picture_of(rows, pixel_kind::rgba), lies)) == upright);
  }
}

TEST_CASE("a picture larger than a tile is turned whole") {
  raster source{{70, 45}, pixel_kind::rgb};
  for (std::size_t i = 0; i < source.bytes().size(); ++i) {
    source.bytes()[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  }
  const auto before = bytes_in(source);
  raster turned = turned_upright(std::move(source), orientation::turned_left);
  CHECK(turned.size() == extent{45, 70});
  CHECK(bytes_in(turned) != before);
  turned = turned_upright(std::move(turned), orientation::turned_right);
  CHECK(bytes_in(turned) == before);
}

TEST_CASE("the middle of a picture is cut out") {
  CHECK(
      letters_of(cropped_to_middle(picture_of({"ABCD", "EFGH", "IJKL"}), {2, 1}))
      == std::vector<std::string>{"FG"}
  );
}

TEST_CASE("a picture on a canvas is cut where the canvas ends, and see-through around it") {
  const raster placed = on_canvas(filled({2, 2}, {9, 9, 9}), {3, 2}, 2, 1);
  CHECK(placed.kind() == pixel_kind::rgba);
  std::vector<std::uint8_t> expected(24, 0);
  std::fill(expected.end() - 4, expected.end() - 1, std::uint8_t{9});
  expected.back() = 255;
  CHECK(bytes_in(placed) == expected);
  CHECK(is_opaque(on_canvas(filled({1, 1}, {9, 9, 9}), {1, 1}, 0, 0)));
  CHECK_FALSE(is_opaque(placed));
  CHECK_FALSE(is_opaque(on_canvas(filled({1, 1}, {9, 9, 9}), {1, 1}, 5, 5)));
}

TEST_CASE("what is see-through is white, and half of it half") {
  CHECK(bytes_in(on_white(filled({1, 1}, {200, 100, 0, 0}))) == std::vector<std::uint8_t>(3, 255));
  CHECK(
      bytes_in(on_white(filled({1, 1}, {200, 100, 0, 255})))
      == std::vector<std::uint8_t>{200, 100, 0}
  );
  CHECK(
      bytes_in(on_white(filled({1, 1}, {200, 100, 0, 51})))
      == std::vector<std::uint8_t>{244, 224, 204}
  );
}

TEST_CASE("scaling far down takes the mean of what a pixel covers, in parts too") {
  raster source{{7, 1}, pixel_kind::rgb};
  for (std::size_t i = 0; i < source.bytes().size(); ++i) {
    source.bytes()[i] = static_cast<std::uint8_t>(20 * (i / 3));
  }
  CHECK(bytes_in(scaled(source, {1, 1})) == std::vector<std::uint8_t>(3, 60));
  // (0 + 20 + 40 + 60 / 2) / 3.5 and (60 / 2 + 80 + 100 + 120) / 3.5
  CHECK(bytes_in(scaled(source, {2, 1})) == std::vector<std::uint8_t>{26, 26, 26, 94, 94, 94});
}

TEST_CASE("scaling a little down keeps a slope and an edge") {
  raster slope{{30, 1}, pixel_kind::rgb};
  raster edge{{30, 1}, pixel_kind::rgb};
  for (std::size_t i = 0; i < slope.bytes().size(); ++i) {
    slope.bytes()[i] = static_cast<std::uint8_t>(8 * (i / 3));
    edge.bytes()[i] = i / 3 < 15 ? 0 : 255;
  }
  const auto sloping = bytes_in(scaled(slope, {20, 1}));
  const auto edged = bytes_in(scaled(edge, {20, 1}));
  for (int x = 3; x < 17; ++x) {
    INFO(x);
    const auto place = static_cast<std::size_t>(3 * x);
    CHECK(std::abs(sloping[place] - (12 * x + 2)) <= 1);
    CHECK((x < 10 ? edged[place] < 30 : edged[place] > 225));
  }
}

TEST_CASE("one colour stays that colour at every size") {
  for (const std::size_t width : {1U, 7U, 63U, 1000U}) {
    for (const std::size_t target : {1U, 3U, 16U, 999U}) {
      INFO(width << " to " << target);
      const raster opaque = scaled(filled({width, width}, {1, 128, 255}), {target, target});
      const raster sheer = scaled(filled({width, 2}, {1, 128, 255, 77}), {target, 1});
      CHECK(bytes_in(opaque) == bytes_in(filled({target, target}, {1, 128, 255})));
      CHECK(bytes_in(sheer) == bytes_in(filled({target, 1}, {1, 128, 255, 77})));
    }
  }
}

TEST_CASE("the colour of what is see-through does not bleed into what is not") {
  raster source{{2, 1}, pixel_kind::rgba};
  const std::vector<std::uint8_t> pixels{10, 20, 30, 255, 250, 250, 250, 0};
  std::ranges::copy(pixels, source.bytes().begin());
  CHECK(bytes_in(scaled(source, {1, 1})) == std::vector<std::uint8_t>{10, 20, 30, 128});
}
