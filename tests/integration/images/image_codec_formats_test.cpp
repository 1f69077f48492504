// SPDX-License-Identifier: MIT

// All formats that people send, upright and whole, in the form in which they are stored and sent.
#include "adapters/image_codec/image_codec.hpp"
#include "adapters/image_codec/pixels/formats/heif_decoder.hpp"
#include "adapters/image_codec/probe/image_probe.hpp"
#include "tests/integration/images/codec_fixture.hpp"
#include "tests/support/pictures/heif_pictures.hpp"
#include "tests/support/pictures/picture_files.hpp"

#include <iterator>
#include <thread>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

std::string string_of(const byte_vector& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A PNG with that chunk behind its header.
byte_vector with_chunk(const byte_vector& png, const std::string& chunk) {
  constexpr std::size_t header_end = 8 + 25;
  const std::string text = string_of(png);
  return bytes_of(text.substr(0, header_end) + chunk + text.substr(header_end));
}

/// A still WebP of 64 x 48 pixels, made an extended one with an EXIF block.
byte_vector with_exif_chunk(const byte_vector& webp, const std::string& exif) {
  constexpr std::uint8_t exif_flag = 0x08;
  return bytes_of(make_webp(
      (make_webp_extended(exif_flag, 64, 48)) + string_of(webp).substr(12)
      + make_riff_chunk("EXIF", exif)
  ));
}

exif_content lying(std::uint32_t orientation, bool has_prefix) {
  exif_content kind;
  kind.orientation = orientation;
  kind.has_prefix = has_prefix;
  return kind;
}

byte_vector still_webp() {
  picture_kind kind;
  kind.format = image_format::webp;
  kind.is_lossless = true;
  return make_picture(kind);
}

/// Two frames of 32 x 24 pixels on a canvas of 64 x 48: the picture at the lower right, then red.
byte_vector animated_webp() {
  picture_kind kind;
  kind.format = image_format::webp;
  kind.is_lossless = true;
  kind.width = 32;
  kind.height = 24;
  const std::string frame_data = string_of(make_picture(kind)).substr(12);
  const std::string size = little(31, 3) + little(23, 3);
  const auto frame = [&](std::uint32_t left, std::uint32_t top) {
    return make_riff_chunk(
        "ANMF", little(left / 2, 3) + little(top / 2, 3) + size + little(100, 3) + '\2' + frame_data
    );
  };
  constexpr std::uint8_t animation_flag = 0x02;
  return bytes_of(make_webp(
      (make_webp_extended(animation_flag, 64, 48)) + make_riff_chunk("ANIM", std::string(6, '\0'))
      + frame(32, 24) + frame(0, 0)
  ));
}

void check_upright(const byte_vector& source, const quarters& upright) {
  const auto codec = make_codec();
  const auto prepared = codec->prepare(share(source));
  INFO((prepared ? "" : prepared.error().message));
  REQUIRE(prepared);
  CHECK(corners(prepared->picture) == upright);
  const auto stored = codec->sanitize(share(source));
  REQUIRE(stored);
  CHECK(corners(stored->content.picture) == upright);
  CHECK(corners(stored->content.thumbnail) == upright);
  CHECK(read_image_info(*stored->content.picture.bytes).value() == stored->content.picture.info);
  const auto again = codec->prepare(stored->content.picture.bytes);
  REQUIRE(again);
  CHECK(corners(again->picture) == upright);
}

byte_vector made_by_magick(const picture_kind& kind, const char* coder) {
  return encoded_as(make_picture(kind), coder);
}

}  // namespace

TEST_CASE("all kinds of sound pictures are prepared as small sRGB pictures") {
  const auto codec = make_codec();
  std::vector<picture_kind> kinds(9);
  kinds[1].is_cmyk = true;
  kinds[2].is_progressive = true;
  for (std::size_t i = 3; i < 7; ++i) {
    kinds[i].format = image_format::png;
  }
  kinds[4].depth = 16;
  kinds[5].is_palette = true;
  kinds[6].is_palette = kinds[6].is_transparent = true;
  kinds[7].format = kinds[8].format = image_format::webp;
  kinds[8].is_lossless = true;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    INFO("kind " << i);
    kinds[i].width = 600;
    kinds[i].height = 400;
    const auto prepared = codec->prepare(share(make_picture(kinds[i])));
    REQUIRE(prepared);
    CHECK(prepared->picture.info.width == 225);
    CHECK(prepared->picture.info.height == 150);
    CHECK(read_image_info(*prepared->picture.bytes).value() == prepared->picture.info);
    const bool is_transparent = kinds[i].is_transparent;
    CHECK(
        prepared->picture.info.format == (is_transparent ? image_format::png : image_format::jpeg)
    );
    CHECK(is_opaque(*prepared->picture.bytes) == !is_transparent);
    CHECK(colour_name_at(*prepared->picture.bytes, 3, 3) == "red");
    CHECK(colour_name_at(*prepared->picture.bytes, 220, 3) == "green");
    CHECK(colour_name_at(*prepared->picture.bytes, 220, 145) == "white");
  }
}

TEST_CASE("PNG and WebP are turned upright by EXIF, with its prefix and without") {
  const auto png = picture(image_format::png);
  const auto webp = still_webp();
  for (std::uint32_t orientation = 1; orientation <= 8; ++orientation) {
    const auto& upright = turned_upright_from[orientation - 1];
    for (const bool has_prefix : {false, true}) {
      INFO("orientation " << orientation << ", prefix " << has_prefix);
      const std::string exif = make_exif(lying(orientation, has_prefix));
      check_upright(with_chunk(png, make_png_chunk("eXIf", exif)), upright);
      check_upright(with_exif_chunk(webp, exif), upright);
    }
  }
}

TEST_CASE("HEIC and AVIF are turned by the format's own boxes, once, and never by EXIF") {
  for (const auto format : {image_format::heic, image_format::avif}) {
    heif_kind kind;
    kind.format = format;
    for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
      INFO(mime_type_of(format) << ", orientation " << int{orientation});
      kind.turning = orientation;
      kind.exif_orientation = 0;
      check_upright(make_heif_picture(kind), turned_upright_from[orientation - 1U]);
      kind.exif_orientation = orientation;
      check_upright(make_heif_picture(kind), turned_upright_from[orientation - 1U]);
    }
    kind.turning = 1;
    kind.exif_orientation = 6;
    check_upright(make_heif_picture(kind), as_painted);
  }
}

TEST_CASE("uploads are stored as browsers can show them, and it is said what they were") {
  const picture_kind plain;
  heif_kind heif;
  const auto as = [](const byte_vector& bytes) {
    const auto stored = make_codec()->sanitize(share(bytes));
    INFO((stored ? "" : stored.error().message));
    REQUIRE(stored);
    CHECK(corners(stored->content.picture) == as_painted);
    CHECK(stored->content.picture.info.width == 64);
    return std::pair{stored->source_format, stored->content.picture.info.format};
  };
  using format = image_format;
  CHECK(as(jpeg()) == std::pair{format::jpeg, format::jpeg});
  CHECK(as(picture(format::png)) == std::pair{format::png, format::png});
  CHECK(as(still_webp()) == std::pair{format::webp, format::webp});
  CHECK(as(made_by_magick(plain, "GIF")) == std::pair{format::gif, format::png});
  CHECK(as(made_by_magick(plain, "BMP")) == std::pair{format::bmp, format::png});
  CHECK(as(made_by_magick(plain, "TIFF")) == std::pair{format::tiff, format::jpeg});
  CHECK(as(make_heif_picture(heif)) == std::pair{format::heic, format::jpeg});
  heif.format = format::avif;
  CHECK(as(make_heif_picture(heif)) == std::pair{format::avif, format::jpeg});
}

TEST_CASE("an upload in a format of the web keeps its pixels, bit for bit") {
  for (const auto& source : {picture(image_format::png), still_webp(), jpeg()}) {
    const auto stored = make_codec()->sanitize(share(source));
    REQUIRE(stored);
    const auto again = make_codec()->sanitize(stored->content.picture.bytes);
    REQUIRE(again);
    CHECK(again->content.picture.bytes == stored->content.picture.bytes);
    CHECK(pixels_of(*stored->content.picture.bytes) == pixels_of(source));
  }
}

TEST_CASE("ten bits a channel and more, and sides that are not even, are read") {
  for (const auto format : {image_format::heic, image_format::avif}) {
    heif_kind kind;
    kind.format = format;
    kind.bits = format == image_format::avif ? 12 : 10;
    check_upright(make_heif_picture(kind), as_painted);
    kind.bits = 8;
    kind.width = 65;
    kind.height = 49;
    const auto prepared = make_codec()->prepare(share(make_heif_picture(kind)));
    REQUIRE(prepared);
    CHECK(prepared->picture.info == image_info{image_format::jpeg, 65, 49});
  }
}

TEST_CASE("of an animation the first frame counts, at its place on the canvas") {
  const auto codec = make_codec();
  const auto shown = codec->transform(share(animated_webp()), {convert_to(image_format::png)});
  REQUIRE(shown);
  CHECK(shown->picture.info == image_info{image_format::png, 64, 48});
  CHECK_FALSE(is_opaque(*shown->picture.bytes));
  CHECK(colour_name_at(*shown->picture.bytes, 35, 27) == "red");
  CHECK(colour_name_at(*shown->picture.bytes, 61, 45) == "white");
  const auto stored = codec->sanitize(share(animated_webp()));
  REQUIRE(stored);
  CHECK(stored->content.picture.info == image_info{image_format::webp, 64, 48});
  CHECK_FALSE(contains(*stored->content.picture.bytes, "ANMF"));
}

TEST_CASE("a GIF's first frame lies on the screen, and what it leaves free is see-through") {
  const auto codec = make_codec();
  const auto gif = animated_gif();
  const auto stored = codec->sanitize(share(gif));
  INFO((stored ? "" : stored.error().message));
  REQUIRE(stored);
  CHECK(stored->content.picture.info == image_info{image_format::png, 64, 48});
  CHECK_FALSE(is_opaque(*stored->content.picture.bytes));
  CHECK(colour_name_at(*stored->content.picture.bytes, 40, 30) == "red");
}

TEST_CASE("a transparent PNG that needs nothing goes to the provider as it is") {
  const auto source = picture(image_format::png, true);
  const auto prepared = make_codec()->prepare(share(source));
  REQUIRE(prepared);
  CHECK(prepared->picture.info.format == image_format::png);
  const auto again = make_codec()->prepare(prepared->picture.bytes);
  REQUIRE(again);
  CHECK(again->picture.bytes == prepared->picture.bytes);
}

TEST_CASE("half a HEIC or AVIF is refused, never shown with a hole") {
  for (const auto format : {image_format::heic, image_format::avif}) {
    heif_kind kind;
    kind.format = format;
    kind.width = kind.height = 256;
    const auto whole = make_heif_picture(kind);
    REQUIRE(make_codec()->prepare(share(whole)));
    for (const std::size_t part : {30U, 60U, 95U, 99U}) {
      INFO(mime_type_of(format) << ", " << part << "%");
      const auto prepared =
          make_codec()->prepare(share(first_part(whole, whole.size() * part / 100)));
      REQUIRE_FALSE(prepared);
      CHECK(prepared.error().kind == error_class::invalid_input);
    }
  }
}

TEST_CASE("HDR pictures without an SDR form are refused by name") {
  heif_kind kind;
  for (const auto& [transfer, name] : {std::pair{16, "PQ"}, std::pair{18, "HLG"}}) {
    kind.transfer = static_cast<std::uint16_t>(transfer);
    const auto refused = make_codec()->sanitize(share(make_heif_picture(kind)));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find(name) != std::string::npos);
  }
}

TEST_CASE("this machine has the decoders that the tests need") {
  CHECK(has_heif_decoder(image_format::heic));
  CHECK(has_heif_decoder(image_format::avif));
}

TEST_CASE("calls from several threads give what one thread gets") {
  const auto codec = make_codec();
  const std::vector<shared_bytes> sources{
      share(with_exif(jpeg(640, 480), 6)), share(picture(image_format::png, true)),
      share(picture(image_format::webp)), share(first_part(jpeg(), 300))};
  const auto fingerprint = [&codec](const shared_bytes& source) {
    const auto prepared = codec->prepare(source);
    const auto finished = codec->finish(source, image_format::jpeg, {});
    return std::pair{
        prepared ? *prepared->picture.bytes : byte_vector{},
        finished ? *finished->thumbnail.bytes : byte_vector{}};
  };
  std::vector<std::pair<byte_vector, byte_vector>> expected;
  std::transform(sources.begin(), sources.end(), std::back_inserter(expected), fingerprint);
  std::vector<int> differences(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < differences.size(); ++thread) {
    threads.emplace_back([&, thread] {
      for (std::size_t round = 0; round < 12; ++round) {
        const std::size_t i = (round + thread) % sources.size();
        differences[thread] += fingerprint(sources[i]) != expected[i] ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(differences == std::vector<int>(4, 0));
}
