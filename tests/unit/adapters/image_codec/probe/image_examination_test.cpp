// SPDX-License-Identifier: MIT

// What is refused before anything is decoded: by bytes, sides, pixels, and what scans cost.
#include "adapters/image_codec/probe/examination.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/picture_files.hpp"

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

/// "ok", or the refusal.
std::string verdict(std::string_view file, const codec_limits& limits = {}) {
  const auto header = examine(raw(file), limits);
  if (header) {
    return "ok";
  }
  CHECK(header.error().kind == error_class::invalid_input);
  return header.error().message;
}

/// A JPEG of that size; progressive ones have that many scans of all components.
std::string make_jpeg(std::uint32_t width, std::uint32_t height, int progressive_scans = 0) {
  const std::uint8_t code = progressive_scans == 0 ? 0xC0 : 0xC2;
  std::string jpeg = "\xFF\xD8" + make_segment(code, make_frame_content(width, height));
  for (int i = 0; i == 0 || i < progressive_scans; ++i) {
    jpeg += make_scan("\1\2\3");
  }
  return jpeg + "\xFF\xD9";
}

std::string make_png(std::uint32_t width, std::uint32_t height, bool is_interlaced = false) {
  return make_png_start(width, height, is_interlaced) + make_png_chunk("IDAT", "xx")
         + make_png_chunk("IEND", "");
}

}  // namespace

TEST_CASE("photographs of all phones are taken in") {
  // 12, 50 (Pixel), 50 (Samsung), 64, 108 and 200 megapixels.
  const std::pair<std::uint32_t, std::uint32_t> sizes[] = {{4'032, 3'024},  {8'160, 6'144},
                                                           {8'192, 6'144},  {9'248, 6'936},
                                                           {12'000, 9'000}, {16'320, 12'240}};
  for (const auto& [width, height] : sizes) {
    CHECK(verdict(make_jpeg(width, height)) == "ok");
    CHECK(verdict(make_jpeg(height, width)) == "ok");
  }
  CHECK(verdict(make_jpeg(8'160, 6'144, 10)) == "ok");
  CHECK(verdict(make_heif({.width = 8'064, .height = 6'048, .tiles = 192})) == "ok");
  CHECK(verdict(make_png(8'000, 8'000)) == "ok");
}

TEST_CASE("a picture over a limit is refused with what it has and what is allowed") {
  codec_limits limits;
  limits.max_bytes = 100;
  CHECK(
      verdict(std::string(101, 'x'), limits)
      == "the picture has 101 bytes; allowed: up to 100 bytes"
  );
  CHECK(
      verdict(make_png(20'001, 1))
      == "the picture has 20001 x 1 pixels; allowed: up to 20000 pixels a side"
  );
  CHECK(verdict(make_jpeg(20'000, 15'000)) == "the picture has 300 megapixels; allowed: up to 220");
  CHECK(verdict(make_png(8'001, 8'000)) == "the picture has 64.1 megapixels; allowed: up to 64");
  CHECK(
      verdict(make_png(8'000, 5'000, true))
      == "the picture has 40 megapixels, which count twice as it is interlaced; allowed: up to 64"
  );
  CHECK(
      verdict(make_heif({.width = 10'000, .height = 7'000}))
      == "the picture has 70 megapixels; allowed: up to 64"
  );
  const std::string gif = "GIF89a" + little(8'000, 2) + little(7'000, 2) + std::string(3, '\0')
                          + "," + little(0, 4) + little(1, 2) + little(1, 2)
                          + std::string("\0\2\2\x44\1\0", 6);
  CHECK(verdict(gif) == "the picture has 56 megapixels; allowed: up to 50");
  limits = {};
  limits.max_pixels = 10'000'000;
  CHECK(verdict(gif, limits) == "the picture has 56 megapixels; allowed: up to 10");
}

TEST_CASE("a progressive JPEG is charged for the coefficients that a decoder holds") {
  CHECK(
      verdict(make_jpeg(16'320, 12'240, 2))
      == "the progressive JPEG picture needs 599 MB to be decoded; allowed: up to 384"
  );
}

TEST_CASE("a JPEG may have few scans of a large picture, or many of a small one") {
  CHECK(verdict(make_jpeg(1'000, 1'000, 100)) == "ok");
  CHECK(
      verdict(make_jpeg(8'000, 6'000, 100))
      == "the JPEG picture has 100 scans, which is too many for its size; allowed: 2000 million "
         "coefficients in all"
  );
}

TEST_CASE("the structure is looked at as well") {
  const std::string png = make_png(80, 60);
  CHECK(verdict(png.substr(0, png.size() - 1)).find("cut off") != std::string::npos);
  const std::string webp = make_webp(make_webp_lossless(80, 60));
  CHECK(verdict(webp) == "ok");
  CHECK(verdict(webp.substr(0, webp.size() - 1)).find("cut off") != std::string::npos);
  const std::string jpeg = make_plain_jpeg().joined();
  CHECK(verdict(jpeg.substr(0, jpeg.size() - 2)) == "ok");  // decoding tells whether it is whole
}
