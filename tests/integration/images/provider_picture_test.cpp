// SPDX-License-Identifier: MIT

// What the codec takes for a result, shown with the sample pictures.
#include "adapters/image_codec/image_codec.hpp"
#include "adapters/image_codec/pixels/local_image_codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/pictures.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

byte_vector asset(const char* name) {
  std::ifstream in{std::filesystem::path{STAYLER_ASSETS} / name, std::ios::binary};
  REQUIRE(in);
  return bytes_of(std::string{std::istreambuf_iterator<char>{in}, {}});
}

/// The sample person and garment, prepared for the provider.
struct try_on {
  std::unique_ptr<image_codec> codec = make_local_image_codec({});
  byte_vector person = asset("person.jpg");
  byte_vector garment = asset("garment.png");
  std::vector<image_signature> inputs = {signature_of(person), signature_of(garment)};

  [[nodiscard]] image_signature signature_of(const byte_vector& bytes) const {
    const auto prepared = codec->prepare(share(bytes));
    REQUIRE(prepared);
    return prepared->signature;
  }

  /// Whether it is a result, and the reason where it is not.
  [[nodiscard]] std::string refusal_of(byte_vector made, image_format format = image_format::jpeg)
      const {
    const auto finished = codec->finish(share(std::move(made)), format, inputs);
    if (finished) {
      return "";
    }
    CHECK(finished.error().kind == error_class::no_image);
    return finished.error().message;
  }
};

}  // namespace

TEST_CASE_METHOD(try_on, "an input is recognized in every encoding and size") {
  for (const auto format : {image_format::jpeg, image_format::png, image_format::webp}) {
    for (const std::size_t width : {256U, 768U, 896U}) {
      for (const std::size_t quality : {30U, 88U}) {
        INFO(mime_type_of(format) << ", width " << width << ", quality " << quality);
        // 3:4 as the models draw it: not quite the shape of the photo.
        const auto echo = encoded_anew(person, format, width, width * 1200 / 896, quality);
        CHECK(refusal_of(echo) == "the provider's picture is input picture 1 again");
        CHECK(refusal_of(echo, format) == "the provider's picture is input picture 1 again");
      }
    }
  }
  CHECK(
      refusal_of(encoded_anew(garment, image_format::jpeg, 1024, 1024, 75))
      == "the provider's picture is input picture 2 again"
  );
  CHECK(
      refusal_of(encoded_anew(person, image_format::jpeg, 1792, 2400, 88))
      == "the provider's picture is input picture 1 again"
  );
}

TEST_CASE_METHOD(try_on, "an input is recognized whose sides are no whole eighths") {
  for (const std::size_t width : {400U, 1'021U, 1'999U, 2'399U, 4'001U}) {
    for (const auto format : {image_format::jpeg, image_format::png}) {
      INFO("width " << width << ", as " << mime_type_of(format));
      const auto photo = make_picture({image_format::jpeg, width, width * 3 / 4});
      inputs = {signature_of(photo)};
      CHECK(refusal_of(photo, format) == "the provider's picture is input picture 1 again");
    }
  }
}

TEST_CASE_METHOD(try_on, "an input that came in on its side, or with transparency, is recognized") {
  inputs = {signature_of(with_exif(person, 6))};
  const auto prepared = codec->prepare(share(with_exif(person, 6)));
  REQUIRE(prepared);
  CHECK_FALSE(refusal_of(*prepared->picture.bytes).empty());
  CHECK(refusal_of(person).empty());

  picture_kind cut_out;
  cut_out.format = image_format::png;
  cut_out.is_transparent = true;
  cut_out.width = cut_out.height = 512;
  const auto transparent = make_picture(cut_out);
  inputs = {signature_of(transparent)};
  CHECK_FALSE(refusal_of(transparent).empty());
  image_operation to_jpeg;
  to_jpeg.what = image_operation::kind::convert;
  to_jpeg.format = image_format::jpeg;
  const auto on_white = codec->transform(share(transparent), {to_jpeg});
  REQUIRE(on_white);
  CHECK_FALSE(refusal_of(*on_white->picture.bytes).empty());
}

TEST_CASE_METHOD(try_on, "a picture that differs at the torso alone is a result") {
  for (const auto* tint : {"#d04040", "#e0e0ff", "#202020"}) {
    INFO(tint);
    CHECK(refusal_of(with_tinted_torso(person, tint)).empty());
  }
}

TEST_CASE_METHOD(try_on, "one flat colour is no result") {
  for (const auto format : {image_format::jpeg, image_format::png, image_format::webp}) {
    for (const auto* colour : {"black", "white", "#8a8f96", "#c81e5a"}) {
      CHECK(
          refusal_of(make_flat_picture(format, 896, 1200, colour))
          == "the provider's picture is one flat colour"
      );
    }
  }
}

TEST_CASE_METHOD(try_on, "small pictures and strips are no results") {
  CHECK(
      refusal_of(encoded_anew(garment, image_format::jpeg, 300, 255, 88))
      == "the provider's picture is too small: 300 x 255 pixels; expected: at least 256 a side"
  );
  CHECK(
      refusal_of(encoded_anew(garment, image_format::png, 256, 2304, 88))
      == "the provider's picture is a strip of 256 x 2304 pixels; expected: at most 1:8 or 8:1"
  );
}
