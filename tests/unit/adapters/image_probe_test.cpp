// SPDX-License-Identifier: MIT

// What the header reader says about hand-made bytes, and that no cut or damage makes it say
// anything but a size within the format or a refusal.
#include "adapters/image_codec/probe/image_probe.hpp"

#include "adapters/image_codec/image_codec.hpp"
#include "adapters/image_codec/probe/image_structure.hpp"
#include "tests/support/catch.hpp"

#include <random>
#include <string>
#include <string_view>

using namespace stayler;
using namespace stayler::adapters;
using std::string_view_literals::operator""sv;

namespace {

result<image_info> probe(std::string_view text) {
  return read_image_info(std::as_bytes(std::span{text}));
}

/// "ok", or the refusal.
std::string structure_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  const auto checked = check_structure(bytes, read_image_info(bytes).value());
  return checked ? "ok" : checked.error().message;
}

constexpr auto jpeg_head =
    "\xFF\xD8"
    "\xFF\xE1\x00\x08"
    "\xFF\xC0\x00\x0B\x08\x00"   // a segment that holds what looks like a frame
    "\xFF\xFF\xFF\xE0\x00\x03X"  // with fill bytes before it
    "\xFF\xC2\x00\x0B\x08\x02\x58\x03\x20\x01\x01\x11\x00"sv;  // 800 x 600, progressive
constexpr auto jpeg_scan =
    "\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00"
    "\x12\xFF\x00\x34\xFF\xD0\x56"sv;  // a stuffed byte, a restart marker
constexpr auto jpeg_end = "\xFF\xD9"sv;

constexpr auto png_head =
    "\x89PNG\r\n\x1A\n"
    "\x00\x00\x00\x0DIHDR\x00\x00\x03\x20\x00\x00\x02\x58\x08\x06\x00\x00\x00____"sv;
constexpr auto png_end = "\x00\x00\x00\x02IDATxx____\x00\x00\x00\x00IEND____"sv;

constexpr auto lossy_webp =
    "RIFF\x16\x00\x00\x00WEBPVP8 \x0A\x00\x00\x00"
    "\x10\x00\x00\x9D\x01\x2A\x20\x43\x58\x82"sv;  // 800 x 600, with scale bits above
constexpr auto lossless_webp = "RIFF\x11\x00\x00\x00WEBPVP8L\x05\x00\x00\x00\x2F\x1F\xC3\x95\x10"sv;
constexpr auto extended_webp =
    "RIFF\x16\x00\x00\x00WEBPVP8X\x0A\x00\x00\x00"
    "\x10\x00\x00\x00\x1F\x03\x00\x57\x02\x00"sv;

std::string text(std::string_view a, std::string_view b = {}, std::string_view c = {}) {
  return std::string{a} + std::string{b} + std::string{c};
}

struct refusal {
  std::string_view bytes;
  std::string_view message;
};

}  // namespace

TEST_CASE("width and height are read from the headers of all three formats") {
  CHECK(probe(text(jpeg_head, jpeg_scan)).value() == image_info{image_format::jpeg, 800, 600});
  CHECK(probe(png_head).value() == image_info{image_format::png, 800, 600});
  CHECK(probe(lossy_webp).value() == image_info{image_format::webp, 800, 600});
  CHECK(probe(lossless_webp).value() == image_info{image_format::webp, 800, 600});
  CHECK(probe(extended_webp).value() == image_info{image_format::webp, 800, 600});
}

TEST_CASE("what is no picture is refused with what was found and what is allowed") {
  const refusal table[] = {
      {"", "there are no bytes; allowed: JPEG, PNG, WebP"},
      {"x", "no known picture begins with 78; allowed: JPEG, PNG, WebP"},
      {"hello, world",
       "no known picture begins with 68 65 6c 6c 6f 2c 20 77; allowed: JPEG, PNG, "
       "WebP"},
      {"GIF89a....", "this is a GIF file; allowed: JPEG, PNG, WebP"},
      {"....ftypheic", "this is a HEIC file; allowed: JPEG, PNG, WebP"},
      {"<svg xmlns=", "this is an SVG file; allowed: JPEG, PNG, WebP"},
      {"<!DOCTYPE html>", "this is an HTML or XML text file; allowed: JPEG, PNG, WebP"},
      {"\xFF\xD8\xFF", "the JPEG header is cut off before the picture begins"},
      {"\xFF\xD8\xFF\xD9", "the JPEG header has no frame"},
      {"\xFF\xD8\xFF\xDA\x00\x02"sv, "the JPEG header has no frame"},
      {"\xFF\xD8\xFF\xC0\x00\x04\x08\x01"sv, "the JPEG header has a damaged frame"},
      {"\xFF\xD8\xFF\xE0\x00\x01"sv, "the JPEG header is cut off before the picture begins"},
      {"\xFF\xD8\xFF\xC0\x00\x0B\x08\x00\x00\x03\x20\x01\x01\x11\x00"sv,
       "the picture is 800 x 0 pixels; allowed: sides of at least 1"},
      {png_head.substr(0, 23), "the PNG header is cut off before it tells width and height"},
      {"\x89PNG\r\n\x1A\n\x00\x00\x00\x0DIDAT____________"sv,
       "the PNG header does not begin with IHDR"},
      {lossy_webp.substr(0, 29), "the WebP header is cut off before it tells width and height"},
      {"RIFF\x16\x00\x00\x00WEBPXXXX\x0A\x00\x00\x00__________"sv,
       "the WebP header begins with an unknown chunk"},
  };
  for (const refusal& row : table) {
    const auto answer = probe(row.bytes);
    INFO(row.message);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == error_class::invalid_input);
    CHECK(answer.error().message == row.message);
  }
}

TEST_CASE("a header that is cut off anywhere is refused") {
  for (const auto whole : {jpeg_head, png_head, lossy_webp, lossless_webp, extended_webp}) {
    const std::size_t needed = whole == png_head ? 24 : whole.size();
    for (std::size_t size = 0; size < needed; ++size) {
      INFO(whole.substr(0, 4) << " cut to " << size);
      CHECK_FALSE(probe(whole.substr(0, size)));
    }
  }
}

TEST_CASE("a picture is whole only with its end") {
  CHECK(structure_of(text(jpeg_head, jpeg_scan, jpeg_end)) == "ok");
  CHECK(structure_of(text(jpeg_head, jpeg_scan, "\xFF\xD9trailing")) == "ok");
  // Some phones leave out the end; only decoding tells whether all of the picture is there.
  CHECK(structure_of(text(jpeg_head, jpeg_scan)) == "ok");
  CHECK(structure_of(text(png_head, png_end)) == "ok");
  CHECK(
      structure_of(text(png_head, png_end.substr(0, png_end.size() - 1)))
      == "the PNG picture is cut off: its 58 bytes end before the picture does"
  );
  CHECK(structure_of(lossless_webp) == "ok");
  CHECK(
      structure_of(text("RIFF\x17"sv, lossy_webp.substr(5)))
      == "the WebP picture is cut off: its 30 bytes end before the picture does"
  );
}

TEST_CASE("an animated WebP is refused") {
  std::string webp{extended_webp};
  webp[20] = '\x02';
  CHECK(structure_of(webp) == "the WebP picture is animated; allowed: still pictures");
}

TEST_CASE("damaged bytes give a size that the format can have, or a refusal") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const std::string wholes[] = {
      text(jpeg_head, jpeg_scan, jpeg_end), text(png_head, png_end), std::string{lossy_webp},
      std::string{lossless_webp}, std::string{extended_webp}};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = wholes[random() % std::size(wholes)];
    for (auto flips = random() % 4 + 1; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    bytes.resize(random() % 4 == 0 ? random() % (bytes.size() + 1) : bytes.size());
    const auto info = probe(bytes);
    if (!info) {
      REQUIRE(info.error().kind == error_class::invalid_input);
      continue;
    }
    REQUIRE((info->width > 0 && info->height > 0));
    REQUIRE_FALSE(structure_of(bytes).empty());
  }
}
