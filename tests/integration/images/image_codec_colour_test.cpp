// SPDX-License-Identifier: MIT

// Whatever a picture's numbers mean, what is sent and stored is sRGB. The expected colours are
// those of the standards' formulas.
#include "adapters/image_codec/image_codec.hpp"
#include "adapters/image_codec/pixels/raster/colour.hpp"
#include "adapters/image_codec/pixels/raster/icc_transform.hpp"
#include "tests/integration/images/codec_fixture.hpp"
#include "tests/support/pictures/heif_pictures.hpp"
#include "tests/support/pictures/picture_files.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <jpeglib.h>
#include <lcms2.h>
#include <zlib.h>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

using rgb = std::array<int, 3>;

// The same colour, as the numbers of three spaces.
constexpr const char* of_p3 = "#c85a46";
constexpr rgb p3_as_srgb{216, 81, 62};
constexpr const char* of_adobe_rgb = "#78b45a";
constexpr rgb adobe_rgb_as_srgb{81, 181, 83};

constexpr double tolerance = 2.0;

double distance(const encoded_image& image, const rgb& wanted) {
  return distance_at(image, image.info.width / 2, image.info.height / 2, wanted);
}

encoded_image prepared(const byte_vector& bytes) {
  const auto made = make_codec()->prepare(share(bytes));
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  return made->picture;
}

byte_vector flat_jpeg(const char* colour) {
  return make_flat_picture(image_format::jpeg, 400, 300, colour);
}

/// The sRGB profile with the red and green primaries exchanged: red pixels mean green.
std::vector<std::byte> swapped_profile() {
  auto profile = profile_of(rgb_space{});
  const auto find = [&profile](std::string_view tag) {
    const auto bytes = std::as_bytes(std::span{tag});
    return std::search(profile.begin(), profile.end(), bytes.begin(), bytes.end());
  };
  std::swap(*find("rXYZ"), *find("gXYZ"));
  return profile;
}

std::vector<std::byte> gray_profile(double gamma) {
  cmsToneCurve* curve = cmsBuildGamma(nullptr, gamma);
  cmsHPROFILE profile = cmsCreateGrayProfile(cmsD50_xyY(), curve);
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  std::vector<std::byte> bytes(size);
  cmsSaveProfileToMem(profile, bytes.data(), &size);
  cmsCloseProfile(profile);
  cmsFreeToneCurve(curve);
  return bytes;
}

/// What is stored in a JPEG of four components.
struct ink_jpeg {
  std::array<std::uint8_t, 4> values{};
  bool has_adobe_marker = true;
  J_COLOR_SPACE stored_as = JCS_CMYK;
};

byte_vector make_ink_jpeg(const ink_jpeg& kind) {
  constexpr JDIMENSION side = 64;
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_compress(&codec);
  unsigned char* made = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&codec, &made, &size);
  codec.image_width = codec.image_height = side;
  codec.input_components = 4;
  codec.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&codec);
  jpeg_set_colorspace(&codec, kind.stored_as);
  jpeg_set_quality(&codec, 100, TRUE);
  codec.write_Adobe_marker = kind.has_adobe_marker ? TRUE : FALSE;
  jpeg_start_compress(&codec, TRUE);
  std::vector<std::uint8_t> row;
  for (JDIMENSION x = 0; x < side; ++x) {
    row.insert(row.end(), kind.values.begin(), kind.values.end());
  }
  while (codec.next_scanline < side) {
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&codec, rows, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  const auto* begin = reinterpret_cast<const std::byte*>(made);
  byte_vector bytes{begin, begin + size};
  std::free(made);
  return bytes;
}

/// A PNG of that many bits, 16 x 16 pixels of one colour; `samples` are those of a pixel.
byte_vector flat_png(
    int bits, char colour_type, const std::vector<std::uint32_t>& samples, const std::string& chunks
) {
  std::string row(1, '\0');
  for (int x = 0; x < 16; ++x) {
    for (const std::uint32_t sample : samples) {
      row += big(sample, static_cast<std::size_t>(bits) / 8);
    }
  }
  std::string rows;
  for (int y = 0; y < 16; ++y) {
    rows += row;
  }
  uLongf size = compressBound(rows.size());
  std::string packed(size, '\0');
  compress(
      reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
      rows.size()
  );
  packed.resize(size);
  const std::string header =
      big(16, 4) + big(16, 4) + static_cast<char>(bits) + colour_type + std::string(3, '\0');
  return bytes_of(
      "\x89PNG\r\n\x1A\n" + make_png_chunk("IHDR", header) + chunks + make_png_chunk("IDAT", packed)
      + make_png_chunk("IEND", "")
  );
}

constexpr char rgb_type = 2;
constexpr char rgba_type = 6;

}  // namespace

TEST_CASE("Display P3 becomes sRGB, by its profile in JPEG, PNG and WebP") {
  const auto profile = profile_of(display_p3);
  CHECK(distance(prepared(with_profile(flat_jpeg(of_p3), profile)), p3_as_srgb) <= tolerance);
  const auto png = flat_png(
      8, rgb_type, {200, 90, 70}, make_png_chunk("cICP", std::string{"\x0C\x0D\x00\x01", 4})
  );
  CHECK(distance(prepared(png), p3_as_srgb) <= tolerance);
  // Without a profile the numbers mean sRGB.
  CHECK(distance(prepared(flat_jpeg(of_p3)), {200, 90, 70}) <= tolerance);
}

TEST_CASE("Adobe RGB becomes sRGB, by its profile or by what EXIF says") {
  const auto source = flat_jpeg(of_adobe_rgb);
  CHECK(
      distance(prepared(with_profile(source, profile_of(adobe_rgb))), adobe_rgb_as_srgb)
      <= tolerance
  );
  exif_content exif;
  exif.has_prefix = true;
  exif.is_uncalibrated = true;
  exif.interoperability = "R03";
  const auto segment = bytes_of(make_segment(0xE1, make_exif(exif)));
  auto by_exif = source;
  by_exif.insert(by_exif.begin() + 2, segment.begin(), segment.end());
  CHECK(distance(prepared(by_exif), adobe_rgb_as_srgb) <= tolerance);
  // EXIF is cut from what is stored, so that its pixels have to say it.
  const auto stored = make_codec()->sanitize(share(by_exif));
  REQUIRE(stored);
  CHECK(distance(stored->content.picture, adobe_rgb_as_srgb) <= tolerance);
  CHECK(distance(stored->content.thumbnail, adobe_rgb_as_srgb) <= tolerance);
}

TEST_CASE("a stored upload keeps its profile, and its thumbnail needs none") {
  const auto source = with_profile(flat_jpeg(of_p3), profile_of(display_p3));
  const auto stored = make_codec()->sanitize(share(source));
  REQUIRE(stored);
  CHECK(contains(*stored->content.picture.bytes, "ICC_PROFILE"));
  CHECK(distance(prepared(*stored->content.picture.bytes), p3_as_srgb) <= tolerance);
  CHECK_FALSE(contains(*stored->content.thumbnail.bytes, "ICC_PROFILE"));
  CHECK(distance(stored->content.thumbnail, p3_as_srgb) <= tolerance);
}

TEST_CASE("a profile that means sRGB costs nothing, whatever it is called") {
  const auto profile = profile_of(rgb_space{});
  CHECK(is_srgb({profile, std::nullopt, false}));
  CHECK_FALSE(is_srgb({profile_of(display_p3), std::nullopt, false}));
  CHECK_FALSE(is_srgb({profile_of(adobe_rgb), std::nullopt, false}));
  // Other primaries under sRGB's name.
  CHECK_FALSE(is_srgb({swapped_profile(), std::nullopt, false}));
  const auto source = make_flat_picture(image_format::jpeg, 100, 100, of_p3);
  const auto plain = make_codec()->prepare(share(source));
  const auto tagged = make_codec()->prepare(share(with_profile(source, profile)));
  REQUIRE(plain);
  REQUIRE(tagged);
  CHECK(*plain->picture.bytes == *tagged->picture.bytes);
}

TEST_CASE("an embedded colour profile is honoured, a broken one ignored") {
  const auto swapped = prepared(with_profile(jpeg(), swapped_profile()));
  CHECK(colour_name_at(*swapped.bytes, 3, 3) == "green");
  CHECK(colour_name_at(*swapped.bytes, 60, 3) == "red");
  CHECK(corners(prepared(with_profile(jpeg(), bytes_of("no profile at all")))) == as_painted);
  // One for another colour model is ignored, too.
  CHECK(corners(prepared(with_profile(jpeg(), gray_profile(1.0)))) == as_painted);
}

TEST_CASE("a gray profile is honoured") {
  const auto flat = make_flat_picture(image_format::jpeg, 64, 64, "gray(50)");
  const auto dark = prepared(with_profile(flat, gray_profile(1.0)));
  CHECK(distance(dark, {122, 122, 122}) <= tolerance);
  CHECK(distance(prepared(with_profile(flat, gray_profile(2.2))), {46, 46, 46}) <= tolerance);
}

TEST_CASE("CMYK is read as Adobe means it, and without its marker as the standard does") {
  constexpr rgb orange{255, 153, 51};
  const std::array<std::uint8_t, 4> ink{0, 102, 204, 0};
  const std::array<std::uint8_t, 4> paper{255, 153, 51, 255};
  CHECK(distance(prepared(make_ink_jpeg({paper, true, JCS_CMYK})), orange) <= tolerance);
  CHECK(distance(prepared(make_ink_jpeg({paper, true, JCS_YCCK})), orange) <= tolerance);
  CHECK(distance(prepared(make_ink_jpeg({ink, false, JCS_CMYK})), orange) <= tolerance);
  // Black ink darkens all of it.
  CHECK(
      distance(prepared(make_ink_jpeg({{255, 153, 51, 128}, true, JCS_CMYK})), {128, 77, 26})
      <= tolerance
  );
}

TEST_CASE("sixteen bits are rounded to eight, not cut off") {
  const auto transformed =
      make_codec()->transform(share(flat_png(16, rgb_type, {0x00FF, 0x0100, 0x8000}, "")), {});
  REQUIRE(transformed);
  CHECK(transformed->picture.info.format == image_format::png);
  CHECK(distance(transformed->picture, {1, 1, 128}) < 0.6);
}

TEST_CASE("a PNG's gamma and primaries are honoured, but sRGB and an HDR curve overrule them") {
  const auto linear = make_png_chunk("gAMA", big(100'000, 4));
  const std::vector<std::uint32_t> pixel{60, 128, 200};
  CHECK(distance(prepared(flat_png(8, rgb_type, pixel, linear)), {133, 188, 229}) <= tolerance);
  const auto overruled = make_png_chunk("sRGB", std::string(1, '\0')) + linear;
  CHECK(distance(prepared(flat_png(8, rgb_type, pixel, overruled)), {60, 128, 200}) <= tolerance);
  const auto usual = make_png_chunk("gAMA", big(45'455, 4));
  CHECK(distance(prepared(flat_png(8, rgb_type, pixel, usual)), {60, 128, 200}) <= tolerance);
  const auto hdr = make_png_chunk("cICP", std::string{"\x09\x10\x00\x01", 4});
  const auto refused = make_codec()->prepare(share(flat_png(8, rgb_type, pixel, hdr)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("PQ") != std::string::npos);
}

TEST_CASE("alpha is shown on white where the format has none, in the levels that browsers use") {
  const auto source = share(flat_png(8, rgba_type, {200, 100, 0, 51}, ""));
  const auto as_jpeg = make_codec()->transform(source, {convert_to(image_format::jpeg)});
  REQUIRE(as_jpeg);
  CHECK(distance(as_jpeg->picture, {244, 224, 204}) <= tolerance);
  // Alpha that hides nothing is none.
  const auto opaque = prepared(flat_png(8, rgba_type, {200, 100, 0, 255}, ""));
  CHECK(opaque.info.format == image_format::jpeg);
  CHECK(distance(opaque, {200, 100, 0}) <= tolerance);
}

TEST_CASE("Display P3 in HEIC and AVIF is told by its primaries alone") {
  for (const auto format : {image_format::heic, image_format::avif}) {
    heif_kind kind;
    kind.format = format;
    kind.primaries = 12;
    kind.colour = {200, 90, 70};
    CHECK(distance(prepared(make_heif_picture(kind)), p3_as_srgb) <= 3.0);
    kind.bits = format == image_format::avif ? 12 : 10;
    CHECK(distance(prepared(make_heif_picture(kind)), p3_as_srgb) <= 3.0);
    kind.primaries = 1;
    CHECK(distance(prepared(make_heif_picture(kind)), {200, 90, 70}) <= 3.0);
  }
}
