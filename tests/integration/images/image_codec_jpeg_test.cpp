// SPDX-License-Identifier: MIT

// JPEGs as telephones and cameras make them: turned, passed on, cut short, and odd in ways that
// viewers do not mind.
#include "adapters/image_codec/image_codec.hpp"
#include "adapters/image_codec/probe/image_probe.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_metadata.hpp"
#include "tests/integration/images/codec_fixture.hpp"

#include <algorithm>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

byte_vector progressive_jpeg(std::size_t width, std::size_t height) {
  picture_kind kind;
  kind.is_progressive = true;
  kind.width = width;
  kind.height = height;
  return make_picture(kind);
}

/// The first SOS header's three bytes about the spectral range.
byte_vector with_spectral_range(byte_vector bytes, std::array<std::uint8_t, 3> range) {
  const auto layout = read_jpeg_layout(bytes);
  REQUIRE(layout);
  const auto scan = std::ranges::find(layout->segments, jpeg_code::sos, &jpeg_segment::code);
  REQUIRE(scan != layout->segments.end());
  const auto components = static_cast<std::size_t>(bytes[scan->content]);
  for (std::size_t i = 0; i < range.size(); ++i) {
    bytes[scan->content + 1 + 2 * components + i] = std::byte{range[i]};
  }
  return bytes;
}

byte_vector without_end(const byte_vector& bytes, std::size_t count) {
  return first_part(bytes, bytes.size() - count);
}

byte_vector joined(byte_vector first, std::string_view second) {
  const auto more = bytes_of(second);
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

}  // namespace

TEST_CASE("every EXIF orientation is turned upright, with and without downscaling") {
  const auto codec = make_codec();
  for (const std::size_t width : {64U, 1024U}) {
    for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
      INFO("orientation " << int{orientation} << ", width " << width);
      const auto source = share(with_exif(jpeg(width, width * 3 / 4), orientation));
      const auto& upright = turned_upright_from[orientation - 1U];
      const auto prepared = codec->prepare(source);
      REQUIRE(prepared);
      CHECK(corners(prepared->picture) == upright);
      CHECK((prepared->picture.info.width > prepared->picture.info.height) == (orientation < 5));
      const auto finished = codec->finish(source, image_format::jpeg, {});
      REQUIRE(finished);
      CHECK(corners(finished->picture) == upright);
      CHECK(corners(finished->thumbnail) == upright);
      const auto transformed =
          codec->transform(source, {resize_to(40, 40, image_operation::fit_mode::contain)});
      REQUIRE(transformed);
      CHECK(corners(transformed->picture) == upright);
    }
  }
}

TEST_CASE("an upload is turned upright once, whether or not its sides are whole blocks") {
  const auto codec = make_codec();
  for (const std::size_t width : {64U, 70U}) {
    for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
      INFO("orientation " << int{orientation} << ", width " << width);
      const auto stored = codec->sanitize(share(with_exif(jpeg(width, 48), orientation)));
      REQUIRE(stored);
      const auto& picture = stored->content.picture;
      CHECK(corners(picture) == turned_upright_from[orientation - 1U]);
      CHECK(corners(stored->content.thumbnail) == turned_upright_from[orientation - 1U]);
      CHECK(read_image_info(*picture.bytes).value() == picture.info);
      CHECK(picture.info.width == (orientation < 5 ? width : 48));
      const auto again = codec->prepare(picture.bytes);
      REQUIRE(again);
      CHECK(corners(again->picture) == corners(picture));
    }
  }
}

TEST_CASE("an upload of whole blocks loses nothing by being turned") {
  const auto codec = make_codec();
  const auto source = jpeg(640, 480);
  auto turned = share(source);
  // Clockwise, and back.
  for (const std::uint8_t orientation : std::array<std::uint8_t, 2>{6, 8}) {
    const auto stored = codec->sanitize(share(with_exif(*turned, orientation)));
    REQUIRE(stored);
    turned = stored->content.picture.bytes;
  }
  CHECK(pixels_of(*turned) == pixels_of(source));
}

TEST_CASE("a JPEG that needs nothing goes to the provider byte for byte") {
  const auto codec = make_codec();
  for (const auto& source : {jpeg(200, 150), progressive_jpeg(200, 150)}) {
    const auto prepared = codec->prepare(share(with_exif(source, 1)));
    REQUIRE(prepared);
    const auto layout = read_jpeg_layout(source);
    REQUIRE(layout);
    CHECK(
        *prepared->picture.bytes == cut_jpeg_metadata(source, *layout, embedded_profile::dropped)
    );
    const auto again = codec->prepare(prepared->picture.bytes);
    REQUIRE(again);
    CHECK(again->picture.bytes == prepared->picture.bytes);
    CHECK(again->signature == prepared->signature);
  }
}

TEST_CASE("a large JPEG is scaled to eighths, within the provider's side") {
  const auto codec = make_codec();
  // 256 allowed: 4/8 of 513 is one pixel too many, 3/8 of it is enough.
  for (const auto& [width, expected] : {std::pair{512U, 256U}, {513U, 193U}, {600U, 225U}}) {
    const auto prepared = codec->prepare(share(jpeg(width, 300)));
    REQUIRE(prepared);
    CHECK(prepared->picture.info.width == expected);
    CHECK(read_image_info(*prepared->picture.bytes).value() == prepared->picture.info);
    CHECK(corners(prepared->picture) == as_painted);
  }
  // An eighth is too small, a quarter too large: a quarter, reduced.
  const auto prepared = codec->prepare(share(jpeg(1100, 100)));
  REQUIRE(prepared);
  CHECK(prepared->picture.info.width == 256);
  CHECK(corners(prepared->picture) == as_painted);
}

TEST_CASE("what viewers do not mind does no harm") {
  const auto codec = make_codec();
  const auto plain = jpeg(320, 240);
  const auto expected = codec->prepare(share(plain));
  REQUIRE(expected);
  auto future_jfif = plain;
  REQUIRE(contains(first_part(plain, 11), "JFIF"));
  future_jfif[11] = std::byte{3};
  const std::pair<const char*, byte_vector> odd[] = {
      {"a Samsung's spectral range", with_spectral_range(plain, {0, 0, 0})},
      {"a version of JFIF from the future", future_jfif},
      {"stray bytes before the last marker", with_stray_bytes(plain)},
      {"no EOI", without_end(plain, 2)},
      {"no EOI, and a maker's trailer", joined(without_end(plain, 2), std::string(2'000, 'S'))},
      {"a video behind the picture", joined(plain, "....ftypmp42" + std::string(9'000, 'v'))},
      {"a second picture behind it",
       joined(plain, {reinterpret_cast<const char*>(plain.data()), plain.size()})},
      {"a broken profile", with_profile(plain, bytes_of("no profile at all"))},
      {"a progressive picture without EOI", without_end(progressive_jpeg(320, 240), 2)},
  };
  for (const auto& [name, bytes] : odd) {
    INFO(name);
    const auto prepared = codec->prepare(share(bytes));
    REQUIRE(prepared);
    CHECK(prepared->picture.info == expected->picture.info);
    CHECK(corners(prepared->picture) == as_painted);
    const auto stored = codec->sanitize(share(bytes));
    REQUIRE(stored);
    CHECK(corners(stored->content.picture) == as_painted);
    CHECK_FALSE(contains(*stored->content.picture.bytes, "ftyp"));
    CHECK_FALSE(contains(*stored->content.picture.bytes, "SSS"));
  }
}

TEST_CASE("half a JPEG is refused, wherever it is cut, in every scan and by every call") {
  const auto codec = make_codec();
  const auto baseline = jpeg(320, 240);
  const auto progressive = progressive_jpeg(320, 240);
  std::vector<byte_vector> halves;
  for (const auto* whole : {&baseline, &progressive}) {
    for (const std::size_t cut : {40UL, whole->size() / 10, whole->size() / 2}) {
      halves.push_back(without_end(*whole, cut));
      halves.push_back(joined(halves.back(), "\xFF\xD9"));
    }
  }
  const auto layout = read_jpeg_layout(progressive);
  REQUIRE(layout);
  for (const auto& segment : layout->segments) {
    if (segment.code == jpeg_code::sos && segment.end < layout->end - 2) {
      halves.push_back(first_part(progressive, segment.end));
    }
  }
  REQUIRE(halves.size() > 15);
  for (const auto& half : halves) {
    INFO(half.size() << " bytes");
    const auto prepared = codec->prepare(share(half));
    REQUIRE_FALSE(prepared);
    CHECK(prepared.error().kind == error_class::invalid_input);
    CHECK(prepared.error().message.starts_with("the JPEG "));
    CHECK_FALSE(codec->sanitize(share(half)));
    CHECK_FALSE(codec->finish(share(half), image_format::jpeg, {}));
    CHECK_FALSE(codec->transform(share(half), {}));
  }
}

TEST_CASE("a JPEG that is cut off says so") {
  const auto cut = make_codec()->prepare(share(without_end(jpeg(320, 240), 60)));
  REQUIRE_FALSE(cut);
  CHECK(cut.error().message == "the JPEG picture is cut off: its data ends before the last rows");
}

TEST_CASE("a gray JPEG stays gray") {
  picture_kind kind;
  kind.is_gray = true;
  for (const std::size_t width : {64U, 640U}) {
    kind.width = width;
    const auto prepared = make_codec()->prepare(share(make_picture(kind)));
    REQUIRE(prepared);
    const auto colour = colour_at(*prepared->picture.bytes, 3, 3);
    CHECK(colour[0] == Approx(colour[1]).margin(0.02));
    CHECK(colour[1] == Approx(colour[2]).margin(0.02));
    CHECK(corners(prepared->picture)[3] == "white");
  }
}
