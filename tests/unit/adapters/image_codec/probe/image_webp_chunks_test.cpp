// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/formats/webp_chunks.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/picture_files.hpp"

#include <random>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;
using std::string_literals::operator""s;

namespace {

std::string cut(std::string_view webp, embedded_profile profile = embedded_profile::kept) {
  return text_of(cut_webp_metadata(raw(webp), profile));
}

std::string structure_of(std::string_view webp) {
  const auto checked = check_webp(raw(webp));
  return checked ? "ok" : checked.error().message;
}

/// A frame of an animation that lies at 2, 4.
std::string frame(std::uint32_t width, std::uint32_t height, std::string_view chunks) {
  return make_riff_chunk(
      "ANMF", little(1, 3) + little(2, 3) + little(width - 1, 3) + little(height - 1, 3)
                  + little(100, 3) + "\0"s + std::string{chunks}
  );
}

const std::string picture = make_webp_lossless(80, 60);
const std::string profile = make_riff_chunk("ICCP", "odd");
const std::string metadata =
    make_riff_chunk("EXIF", "II*secret") + make_riff_chunk("XMP ", "<x:xmpmeta/>");

}  // namespace

TEST_CASE("a WebP loses its EXIF, XMP and what is unknown, and its flags and length say so") {
  const std::string webp = make_webp(
      make_webp_extended(0x3C, 80, 60) + profile + make_riff_chunk("abcd", "what") + picture
      + metadata
  );
  CHECK(cut(webp + "behind") == make_webp(make_webp_extended(0x30, 80, 60) + profile + picture));
  CHECK(
      cut(webp, embedded_profile::dropped) == make_webp(make_webp_extended(0x10, 80, 60) + picture)
  );
  CHECK(cut(make_webp(picture + metadata)) == make_webp(picture));
  const std::string with_alpha = make_webp(
      make_webp_extended(0x10, 80, 60) + make_riff_chunk("ALPH", "alpha")
      + make_riff_chunk("VP8 ", "\x10\x00\x00\x9D\x01\x2A\x50\x00\x3C\x00"s)
  );
  CHECK(cut(with_alpha) == with_alpha);
  CHECK(structure_of(with_alpha) == "ok");
}

TEST_CASE("the facts of a WebP are read, of an animation those of its first frame") {
  const std::string webp =
      make_webp(make_webp_extended(0x28, 80, 60) + profile + picture + metadata);
  const auto still = read_webp(raw(webp));
  REQUIRE(still);
  CHECK(text_of(still->profile) == "odd");
  CHECK(text_of(still->exif) == "II*secret");
  CHECK_FALSE(still->is_animated);
  CHECK(still->first_frame.width == 80);

  const std::string animation = make_webp(
      make_webp_extended(0x02, 80, 60) + make_riff_chunk("ANIM", "123456")
      + frame(40, 30, make_webp_lossless(40, 30)) + frame(80, 60, picture)
  );
  CHECK(structure_of(animation) == "ok");
  const auto moving = read_webp(raw(animation));
  REQUIRE(moving);
  CHECK(moving->is_animated);
  CHECK(moving->width == 80);
  CHECK(moving->first_frame.x == 2);
  CHECK(moving->first_frame.y == 4);
  CHECK(moving->first_frame.width == 40);
  CHECK(moving->first_frame.height == 30);
}

TEST_CASE("a WebP that is shorter than it says, or without its picture, is cut off") {
  const std::string whole = make_webp(make_webp_extended(0, 80, 60) + picture + metadata);
  CHECK(structure_of(whole) == "ok");
  for (const std::size_t size : {whole.size() - 2, whole.size() / 2, std::size_t{30}}) {
    CHECK(
        structure_of(whole.substr(0, size))
        == "the WebP picture is cut off: its " + std::to_string(size)
               + " bytes end before the picture does"
    );
  }
  CHECK(
      structure_of(make_webp(make_webp_extended(0, 80, 60) + metadata)).find("cut off")
      != std::string::npos
  );
}

TEST_CASE("a WebP whose picture's data is too short for its header is cut off") {
  const std::string webp = make_webp(make_riff_chunk("VP8L", "\x2F\1\1") + "\0\0behind"s);
  CHECK(structure_of(webp).find("cut off") != std::string::npos);
}

TEST_CASE("a WebP whose picture is of another size than its canvas is refused") {
  const std::string reason = "the WebP picture does not fit the canvas that its header names";
  CHECK(structure_of(make_webp(make_webp_extended(0, 80, 61) + picture)) == reason);
  const auto animation = [](std::string_view first) {
    return make_webp(make_webp_extended(0x02, 80, 60) + std::string{first});
  };
  CHECK(structure_of(animation(frame(40, 30, make_webp_lossless(40, 31)))) == reason);
  CHECK(structure_of(animation(frame(79, 30, make_webp_lossless(79, 30)))) == reason);
}

TEST_CASE("a cut WebP is not changed by a second cut") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const std::string whole =
      make_webp(make_webp_extended(0x3C, 80, 60) + profile + picture + metadata);
  int cuts = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string bytes = whole;
    for (auto flips = random() % 3; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (!check_webp(raw(bytes))) {
      continue;
    }
    ++cuts;
    const std::string once = cut(bytes);
    REQUIRE(structure_of(once) == "ok");
    REQUIRE(cut(once) == once);
  }
  CHECK(cuts > 1'000);
}
