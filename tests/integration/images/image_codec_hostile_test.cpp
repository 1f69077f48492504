// SPDX-License-Identifier: MIT

// Pictures that are meant to do harm, and such that are broken: each is refused with a reason.
#include "adapters/image_codec/image_codec.hpp"
#include "tests/integration/images/codec_fixture.hpp"
#include "tests/support/pictures/heif_pictures.hpp"
#include "tests/support/pictures/picture_files.hpp"

#include <string>
#include <sys/resource.h>
#include <zlib.h>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

struct hostile {
  std::string name;
  byte_vector bytes;
  std::string reason;  ///< a part of the message
};

picture_kind kind_of(image_format format) {
  picture_kind kind;
  kind.format = format;
  return kind;
}

std::vector<std::pair<std::string, byte_vector>> whole_pictures() {
  auto progressive = kind_of(image_format::jpeg);
  progressive.is_progressive = true;
  auto interlaced = kind_of(image_format::png);
  interlaced.is_progressive = true;
  auto lossless = kind_of(image_format::webp);
  lossless.is_lossless = true;
  return {
      {"JPEG", jpeg()},
      {"progressive JPEG", make_picture(progressive)},
      {"PNG", picture(image_format::png)},
      {"interlaced PNG", make_picture(interlaced)},
      {"WebP", picture(image_format::webp)},
      {"lossless WebP", make_picture(lossless)},
  };
}

std::vector<hostile> hostile_pictures() {
  std::vector<hostile> all{
      {"nothing", {}, "there are no bytes"},
      {"one byte", {std::byte{0xFF}}, "no known picture"},
      {"a text", bytes_of("Dear Sir or Madam, see photo.jpg"), "no known picture"},
      {"a web page", bytes_of("<html><img src=photo.jpg>"), "HTML"},
      {"PNG header only", png_header(10, 10), "cut off"},
      {"PNG of 60,000 x 60,000", png_header(60'000, 60'000), "allowed: up to 20000 pixels a side"},
      {"PNG bomb", black_png(12'000, 12'000), "megapixels"},
      {"PNG of too few rows", black_png(100, 100, 50), "the PNG picture's data is damaged"},
      {"JPEG of a thousand scans", jpeg_of_scans(1'000), "scans"},
      {"JPEG without data", jpeg_of_scans(0), "the JPEG"},
  };
  for (const auto& [name, whole] : whole_pictures()) {
    for (const std::size_t size : {whole.size() * 9 / 10, whole.size() / 2}) {
      all.push_back({name + " cut to " + std::to_string(size), first_part(whole, size), "cut off"});
    }
  }
  return all;
}

/// The picture with some of its data overwritten, but with its end in place. The bits are all ones,
/// which no Huffman code of JPEG is.
byte_vector with_damage(byte_vector bytes) {
  for (std::size_t i = bytes.size() * 3 / 4, end = i + 40; i < end; ++i) {
    bytes[i] = i % 2 == 0 ? std::byte{0xFF} : std::byte{0};
  }
  return bytes;
}

/// A PNG with that many texts which each inflate to just under libpng's limit.
byte_vector text_bomb(const byte_vector& png, int texts) {
  const std::string plain(7'900'000, 'A');
  uLongf size = compressBound(plain.size());
  std::string packed(size, '\0');
  compress2(
      reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
      plain.size(), 9
  );
  packed.resize(size);
  const std::string chunk = make_png_chunk("zTXt", std::string{"key\0\0", 5} + packed);
  std::string bomb{reinterpret_cast<const char*>(png.data()), png.size()};
  for (int i = 0; i < texts; ++i) {
    bomb.insert(8 + 25, chunk);
  }
  return bytes_of(bomb);
}

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

TEST_CASE("hostile pictures are refused with a reason, by every call") {
  const auto codec = make_codec();
  for (const hostile& bad : hostile_pictures()) {
    INFO(bad.name);
    const auto prepared = codec->prepare(share(bad.bytes));
    REQUIRE_FALSE(prepared);
    CHECK(prepared.error().kind == error_class::invalid_input);
    INFO(prepared.error().message);
    CHECK(prepared.error().message.find(bad.reason) != std::string::npos);
    for (const auto& other :
         {codec->sanitize(share(bad.bytes)).error(),
          codec->transform(share(bad.bytes), {}).error()}) {
      CHECK(other.kind == error_class::invalid_input);
      CHECK(other.message == prepared.error().message);
    }
    const auto finished = codec->finish(share(bad.bytes), image_format::jpeg, {});
    REQUIRE_FALSE(finished);
    CHECK(finished.error().kind == error_class::no_image);
  }
  CHECK_FALSE(codec->prepare(nullptr));
  CHECK_FALSE(codec->sanitize(nullptr));
}

TEST_CASE("a picture with damaged data is refused, though its end is in place") {
  const auto codec = make_codec();
  auto progressive = kind_of(image_format::jpeg);
  progressive.is_progressive = true;
  progressive.width = progressive.height = 1024;
  auto png = kind_of(image_format::png);
  png.width = png.height = 1024;
  for (const auto& whole : {jpeg(1024, 1024), make_picture(progressive), make_picture(png)}) {
    REQUIRE(codec->prepare(share(whole)));
    const auto damaged = codec->prepare(share(with_damage(whole)));
    REQUIRE_FALSE(damaged);
    INFO(damaged.error().message);
    CHECK(damaged.error().kind == error_class::invalid_input);
    // Bits that are out of step may as well run out early.
    const bool is_told = damaged.error().message.find("damaged") != std::string::npos
                         || damaged.error().message.find("cut off") != std::string::npos;
    CHECK(is_told);
    CHECK_FALSE(codec->sanitize(share(with_damage(whole))));
  }
}

TEST_CASE("more bytes than allowed are refused before anything else") {
  auto limits = small_limits();
  limits.max_bytes = 100;
  const auto codec = make_local_image_codec(limits);
  const auto answer = codec->sanitize(share(byte_vector(101)));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message == "the picture has 101 bytes; allowed: up to 100 bytes");
}

TEST_CASE("the texts of a PNG cost nothing, however large they are") {
  const auto codec = make_codec();
  const auto plain = picture(image_format::png);
  REQUIRE(codec->prepare(share(plain)));
  const auto bomb = share(text_bomb(plain, 40));
  const long before = peak_kilobytes();
  const auto stored = codec->sanitize(bomb);
  REQUIRE(stored);
  CHECK(stored->content.picture.bytes->size() <= plain.size());
  CHECK(corners(stored->content.picture) == as_painted);
  CHECK(codec->prepare(bomb));
  CHECK(peak_kilobytes() - before < 32 * 1024);
}

TEST_CASE("a JPEG's declared pixels cost little, and its decoded ones are bounded") {
  auto limits = small_limits();
  limits.max_pixels = 100'000;
  const auto codec = make_local_image_codec(limits);
  // Larger than may be decoded, to be turned by pixels as its sides are no whole blocks.
  const auto stored = codec->sanitize(share(with_exif(jpeg(1003, 757), 6)));
  REQUIRE(stored);
  const auto& info = stored->content.picture.info;
  CHECK(std::uint64_t{info.width} * info.height <= 100'000);
  CHECK(corners(stored->content.picture) == turned_upright_from[5]);
  const auto refused = codec->sanitize(share(black_png(400, 300)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
}
