// SPDX-License-Identifier: MIT

// The codec against pictures of every kind that people and providers send, and against those that
// are meant to do harm.
#include "adapters/image_codec/image_codec.hpp"

#include "adapters/image_codec/pixels/magick_image_codec.hpp"
#include "adapters/image_codec/pixels/srgb_profile.hpp"
#include "adapters/image_codec/probe/image_probe.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

using operation = image_operation;

codec_limits small_limits() {
  codec_limits limits;
  limits.provider_side = 256;
  limits.thumbnail_side = 32;
  limits.result_side = 8;
  return limits;
}

std::unique_ptr<image_codec> make_codec() {
  return make_magick_image_codec(small_limits());
}

byte_vector jpeg(std::size_t width = 64, std::size_t height = 48) {
  picture_kind kind;
  kind.width = width;
  kind.height = height;
  return make_picture(kind);
}

byte_vector picture(image_format format, bool is_transparent = false) {
  picture_kind kind;
  kind.format = format;
  kind.is_transparent = is_transparent;
  return make_picture(kind);
}

/// The names of the four corners' colours, from the upper left in reading order.
std::array<std::string_view, 4> corners(const encoded_image& image) {
  const auto right = image.info.width - 4;
  const auto low = image.info.height - 4;
  return {
      colour_name_at(*image.bytes, 3, 3), colour_name_at(*image.bytes, right, 3),
      colour_name_at(*image.bytes, 3, low), colour_name_at(*image.bytes, right, low)};
}

using quarters = std::array<std::string_view, 4>;
const quarters as_painted{"red", "green", "blue", "white"};

operation resize_to(std::uint32_t width, std::uint32_t height, operation::fit_mode fit) {
  operation step;
  step.what = operation::kind::resize;
  step.width = width;
  step.height = height;
  step.fit = fit;
  return step;
}

operation convert_to(image_format format) {
  operation step;
  step.what = operation::kind::convert;
  step.format = format;
  return step;
}

/// The sRGB profile with the red and green primaries exchanged: red pixels mean green.
std::vector<std::byte> swapped_profile() {
  auto profile = srgb_profile();
  const auto find = [&profile](std::string_view tag) {
    const auto bytes = std::as_bytes(std::span{tag});
    return std::search(profile.begin(), profile.end(), bytes.begin(), bytes.end());
  };
  std::swap(*find("rXYZ"), *find("gXYZ"));
  return profile;
}

struct hostile {
  std::string name;
  byte_vector bytes;
  std::string reason;  ///< a part of the message
};

std::vector<hostile> hostile_pictures() {
  picture_kind progressive;
  progressive.is_progressive = true;
  picture_kind interlaced;
  interlaced.is_progressive = true;
  interlaced.format = image_format::png;
  picture_kind lossless;
  lossless.format = image_format::webp;
  lossless.is_lossless = true;
  std::vector<hostile> all{
      {"nothing", {}, "there are no bytes"},
      {"one byte", {std::byte{0xFF}}, "no known picture"},
      {"a text", bytes_of("Dear Sir or Madam, see photo.jpg"), "no known picture"},
      {"a web page", bytes_of("<html><img src=photo.jpg>"), "HTML"},
      {"PNG header only", png_header(10, 10), "cut off"},
      {"PNG of 60,000 x 60,000", png_header(60'000, 60'000),
       "60000 x 60000 pixels; allowed: up to 20000 pixels a side"},
      {"PNG bomb", black_png(12'000, 12'000), "144 megapixels; allowed: up to 64"},
      {"PNG of too few rows", black_png(100, 100, 50), "cannot decode"},
      {"JPEG of a thousand scans", jpeg_of_scans(1'000), "scans"},
      {"JPEG without data", jpeg_of_scans(0), "has no scan"},
  };
  const std::pair<std::string, byte_vector> wholes[] = {
      {"JPEG", jpeg()},
      {"progressive JPEG", make_picture(progressive)},
      {"PNG", picture(image_format::png)},
      {"interlaced PNG", make_picture(interlaced)},
      {"WebP", picture(image_format::webp)},
      {"lossless WebP", make_picture(lossless)},
  };
  for (const auto& [name, whole] : wholes) {
    // Of a JPEG only decoding tells whether it is whole.
    const std::string reason = name.ends_with("JPEG") ? "cannot decode" : "cut off";
    for (const std::size_t size : {whole.size() - 1, whole.size() * 9 / 10, whole.size() / 2}) {
      all.push_back({name + " cut to " + std::to_string(size), first_part(whole, size), reason});
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
    const auto transformed = codec->transform(share(bad.bytes), {});
    REQUIRE_FALSE(transformed);
    CHECK(transformed.error().kind == error_class::invalid_input);
    const auto finished = codec->finish(share(bad.bytes), image_format::jpeg, {});
    REQUIRE_FALSE(finished);
    CHECK(finished.error().kind == error_class::no_image);
  }
  CHECK_FALSE(codec->prepare(nullptr));
}

TEST_CASE("a picture with damaged data is refused, though its end is in place") {
  const auto codec = make_codec();
  picture_kind progressive;
  progressive.is_progressive = true;
  progressive.width = progressive.height = 1024;
  picture_kind png;
  png.format = image_format::png;
  png.width = png.height = 1024;
  for (const auto& whole : {jpeg(1024, 1024), make_picture(progressive), make_picture(png)}) {
    REQUIRE(codec->prepare(share(whole)));
    const auto damaged = codec->prepare(share(with_damage(whole)));
    REQUIRE_FALSE(damaged);
    CHECK(damaged.error().message.starts_with("cannot decode the picture (image/"));
  }
}

TEST_CASE("more bytes than allowed are refused before anything else") {
  auto limits = small_limits();
  limits.max_bytes = 100;
  const auto codec = make_magick_image_codec(limits);
  const auto answer = codec->sanitize(share(byte_vector(101)));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message == "the picture has 101 bytes; allowed: up to 100 bytes");
}

TEST_CASE("stray bytes that cameras leave behind do no harm") {
  CHECK(make_codec()->prepare(share(with_stray_bytes(jpeg()))));
}

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
    CHECK(prepared->picture.info.width == 256);
    CHECK(prepared->picture.info.height == 171);
    CHECK(read_image_info(*prepared->picture.bytes).value() == prepared->picture.info);
    const bool is_transparent = kinds[i].is_transparent;
    CHECK(
        prepared->picture.info.format == (is_transparent ? image_format::png : image_format::jpeg)
    );
    CHECK(is_opaque(*prepared->picture.bytes) == !is_transparent);
    CHECK(colour_name_at(*prepared->picture.bytes, 3, 3) == "red");
    CHECK(colour_name_at(*prepared->picture.bytes, 250, 3) == "green");
    CHECK(colour_name_at(*prepared->picture.bytes, 250, 160) == "white");
  }
}

TEST_CASE("a gray picture stays gray") {
  picture_kind kind;
  for (const auto format : {image_format::jpeg, image_format::png}) {
    kind.format = format;
    kind.is_gray = true;
    const auto prepared = make_codec()->prepare(share(make_picture(kind)));
    REQUIRE(prepared);
    const auto colour = colour_at(*prepared->picture.bytes, 3, 3);
    CHECK(colour[0] == Approx(colour[1]).margin(0.02));
    CHECK(colour[1] == Approx(colour[2]).margin(0.02));
    CHECK(colour_name_at(*prepared->picture.bytes, 60, 44) == "white");
  }
}

TEST_CASE("every EXIF orientation is turned upright, with and without downscaling") {
  const auto codec = make_codec();
  // Where the corners of the stored pixels go.
  const quarters upright[] = {
      {"red", "green", "blue", "white"}, {"green", "red", "white", "blue"},
      {"white", "blue", "green", "red"}, {"blue", "white", "red", "green"},
      {"red", "blue", "green", "white"}, {"blue", "red", "white", "green"},
      {"white", "green", "blue", "red"}, {"green", "white", "red", "blue"},
  };
  for (const std::size_t width : {64U, 1024U}) {
    for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
      INFO("orientation " << int{orientation} << ", width " << width);
      const auto source = share(with_exif(jpeg(width, width * 3 / 4), orientation));
      const auto prepared = codec->prepare(source);
      REQUIRE(prepared);
      CHECK(corners(prepared->picture) == upright[orientation - 1]);
      CHECK((prepared->picture.info.width > prepared->picture.info.height) == (orientation < 5));
      const auto finished = codec->finish(source, image_format::jpeg, {});
      REQUIRE(finished);
      CHECK(corners(finished->thumbnail) == upright[orientation - 1]);
      const auto transformed =
          codec->transform(source, {resize_to(40, 40, operation::fit_mode::contain)});
      REQUIRE(transformed);
      CHECK(corners(transformed->picture) == upright[orientation - 1]);
    }
  }
}

TEST_CASE("JPEGs have colours at half the resolution; those to be looked at are progressive") {
  const auto codec = make_codec();
  const auto source = share(jpeg(200, 200));
  const auto prepared = codec->prepare(source);
  const auto shown = codec->transform(source, {convert_to(image_format::jpeg)});
  REQUIRE(prepared);
  REQUIRE(shown);
  const auto check_frame = [](const byte_vector& bytes, std::byte kind) {
    const byte_vector marker{std::byte{0xFF}, kind};
    const auto frame = std::search(bytes.begin(), bytes.end(), marker.begin(), marker.end());
    REQUIRE(bytes.end() - frame > 11);
    CHECK(frame[11] == std::byte{0x22});
  };
  check_frame(*prepared->picture.bytes, std::byte{0xC0});
  check_frame(*shown->picture.bytes, std::byte{0xC2});
}

TEST_CASE("what is sent to the provider holds no metadata") {
  const auto source = with_profile(with_exif(jpeg(), 6), srgb_profile());
  REQUIRE(contains(source, "SecretCamera"));
  const auto prepared = make_codec()->prepare(share(source));
  REQUIRE(prepared);
  CHECK_FALSE(contains(*prepared->picture.bytes, "SecretCamera"));
  CHECK_FALSE(contains(*prepared->picture.bytes, "Exif"));
  CHECK_FALSE(contains(*prepared->picture.bytes, "ICC_PROFILE"));
}

TEST_CASE("an embedded colour profile is honoured, a broken one ignored") {
  const auto codec = make_codec();
  const auto swapped = codec->prepare(share(with_profile(jpeg(), swapped_profile())));
  REQUIRE(swapped);
  CHECK(colour_name_at(*swapped->picture.bytes, 3, 3) == "green");
  CHECK(colour_name_at(*swapped->picture.bytes, 60, 3) == "red");
  const auto broken = codec->prepare(share(with_profile(jpeg(), bytes_of("no profile at all"))));
  REQUIRE(broken);
  CHECK(corners(broken->picture) == as_painted);
}

TEST_CASE("a small picture is never enlarged") {
  const auto codec = make_codec();
  const auto prepared = codec->prepare(share(jpeg(16, 12)));
  REQUIRE(prepared);
  CHECK(prepared->picture.info == image_info{image_format::jpeg, 16, 12});
  const auto finished = codec->finish(share(jpeg(16, 12)), image_format::jpeg, {});
  REQUIRE(finished);
  CHECK(finished->thumbnail.info == image_info{image_format::jpeg, 16, 12});
}

TEST_CASE("a provider's picture in the wanted format is stored as it came") {
  const auto source = share(jpeg(640, 480));
  const auto finished = make_codec()->finish(source, image_format::jpeg, {});
  REQUIRE(finished);
  CHECK(finished->picture.bytes == source);
  CHECK(finished->picture.info == image_info{image_format::jpeg, 640, 480});
  CHECK(finished->thumbnail.info == image_info{image_format::jpeg, 32, 24});
  CHECK(corners(finished->thumbnail) == as_painted);
}

TEST_CASE("a provider's picture is converted to the wanted format") {
  const auto codec = make_codec();
  for (const auto from : {image_format::jpeg, image_format::png, image_format::webp}) {
    for (const auto to : {image_format::jpeg, image_format::png, image_format::webp}) {
      const auto finished = codec->finish(share(picture(from)), to, {});
      REQUIRE(finished);
      CHECK(read_image_info(*finished->picture.bytes).value() == image_info{to, 64, 48});
      CHECK(corners(finished->picture) == as_painted);
    }
  }
}

TEST_CASE("transparency becomes white where the format has none, and stays where it has") {
  const auto codec = make_codec();
  const auto source = share(picture(image_format::png, true));
  const auto as_jpeg = codec->finish(source, image_format::jpeg, {});
  REQUIRE(as_jpeg);
  CHECK(corners(as_jpeg->picture) == quarters{"red", "green", "white", "white"});
  const auto as_webp = codec->finish(source, image_format::webp, {});
  REQUIRE(as_webp);
  CHECK_FALSE(is_opaque(*as_webp->picture.bytes));
}

TEST_CASE("operations are applied in order, and a thumbnail is always made") {
  const auto codec = make_codec();
  operation thumbnail;
  thumbnail.what = operation::kind::thumbnail;
  thumbnail.size = 20;
  const auto done = codec->transform(
      share(jpeg(640, 480)),
      {resize_to(100, 100, operation::fit_mode::cover), thumbnail, convert_to(image_format::webp)}
  );
  REQUIRE(done);
  CHECK(done->picture.info == image_info{image_format::webp, 100, 100});
  CHECK(corners(done->picture) == as_painted);
  CHECK(done->thumbnail.info == image_info{image_format::jpeg, 20, 20});
  const auto untouched = codec->transform(share(jpeg()), {});
  REQUIRE(untouched);
  CHECK(untouched->picture.info == image_info{image_format::jpeg, 64, 48});
  CHECK(untouched->thumbnail.info == image_info{image_format::jpeg, 32, 24});
}

TEST_CASE("a transform keeps metadata unless told to strip it; thumbnails hold none") {
  const auto codec = make_codec();
  const auto source = share(with_exif(jpeg(), 6));
  const auto kept = codec->transform(source, {});
  REQUIRE(kept);
  CHECK(contains(*kept->picture.bytes, "SecretCamera"));
  CHECK_FALSE(contains(*kept->thumbnail.bytes, "SecretCamera"));
  // Upright pixels with the old orientation beside them would be turned twice.
  const auto again = codec->prepare(kept->picture.bytes);
  REQUIRE(again);
  CHECK(corners(again->picture) == corners(kept->picture));
  const auto stripped = codec->transform(source, {operation{}});
  REQUIRE(stripped);
  CHECK_FALSE(contains(*stripped->picture.bytes, "SecretCamera"));
}

TEST_CASE("operations that make no sense are refused") {
  const auto refused =
      make_codec()->transform(share(jpeg()), {resize_to(0, 0, operation::fit_mode::fill)});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
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
