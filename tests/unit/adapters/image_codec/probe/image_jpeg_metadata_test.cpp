// SPDX-License-Identifier: MIT

// What is read from a JPEG's APPn segments, and that nothing of them but what a decoder needs is
// left after the cut.
#include "adapters/image_codec/probe/exif_facts.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_metadata.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/picture_files.hpp"

#include <random>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;
using std::string_literals::operator""s;

namespace {

std::string cut(std::string_view jpeg, embedded_profile profile = embedded_profile::kept) {
  const auto layout = read_jpeg_layout(raw(jpeg));
  INFO((layout ? "" : layout.error().message));
  REQUIRE(layout);
  return text_of(cut_jpeg_metadata(raw(jpeg), *layout, profile));
}

bool is_bare(std::string_view jpeg, embedded_profile profile = embedded_profile::kept) {
  return is_without_jpeg_metadata(raw(jpeg), read_jpeg_layout(raw(jpeg)).value(), profile);
}

std::string profile_of(std::string_view jpeg) {
  return text_of(icc_profile_of(raw(jpeg), read_jpeg_layout(raw(jpeg)).value()));
}

std::string with(std::string_view segments) {
  auto parts = make_plain_jpeg();
  parts.jfif += segments;
  return parts.joined();
}

const std::string adobe = make_segment(0xEE, "Adobe\0\x64\0\0\0\0\2"s);

}  // namespace

TEST_CASE("the cut takes away all that cameras and editors add, and no bit of the picture") {
  const std::string plain = make_plain_jpeg().joined();
  const std::string extras[] = {
      make_segment(0xE1, make_exif({.orientation = 6, .has_prefix = true})),
      make_segment(0xE1, "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"s),
      make_segment(0xE2, "MPF\0II*\0"s),
      make_segment(0xE2, "urn:iso:std:iso:ts:21496:-1\0\0"s),
      make_segment(0xE0, "JFXX\0\x10thumbnail"s),
      make_segment(0xE0, "JFIF\0"s),
      make_segment(0xED, "Photoshop 3.0\0"s),
      make_segment(0xEE, "Adobe"),
      make_segment(0xEC, "Ducky"),
      make_segment(0xFE, "taken in Erfurt"),
      make_segment(0xDC, "\0\x28"s),
      "stray\xFF\xFF"s};
  for (const std::string& extra : extras) {
    INFO(extra);
    CHECK(cut(with(extra)) == plain);
    CHECK_FALSE(is_bare(with(extra)));
  }
  CHECK(cut(plain + plain) == plain);
  CHECK(cut(plain) == plain);
  CHECK(is_bare(plain));
  CHECK_FALSE(is_bare(plain + "x"));
}

TEST_CASE("JFIF loses its thumbnail, and Adobe's segment what does not belong there") {
  auto parts = make_plain_jpeg();
  parts.jfif = make_segment(0xE0, "JFIF\0\1\2\0\0\1\0\1\1\1rgb"s);
  CHECK_FALSE(is_bare(parts.joined()));
  const std::string made = cut(parts.joined());
  parts.jfif = make_segment(0xE0, "JFIF\0\1\2\0\0\1\0\1\0\0"s);
  CHECK(made == parts.joined());
  CHECK(cut(with(make_segment(0xEE, "Adobe\0\x64\0\0\0\0\2secret"s))) == with(adobe));
  CHECK(is_bare(with(adobe)));
  // libjpeg goes by the last one.
  CHECK(cut(with(make_segment(0xEE, "Adobe\0\x64\0\0\0\0\1"s) + adobe)) == with(adobe));
}

TEST_CASE("segments between scans are cut out, and a missing EOI is put there") {
  const std::string start = "\xFF\xD8" + make_segment(0xC2, make_frame_content(60, 40));
  const std::string table = make_segment(0xC4, "\0\1"s + std::string(16, '\0'));
  const std::string extra = make_segment(0xE1, "Exif\0\0secret"s) + make_segment(0xFE, "more");
  const std::string first = make_scan("\1\2\3");
  const std::string second = make_scan("\1");
  const std::string wanted = start + first + table + second + "\xFF\xD9";
  CHECK(cut(start + first + extra + table + "stray" + second + "\xFF\xFF\xD9") == wanted);
  CHECK(cut(start + first + table + second) == wanted);
  CHECK(cut(start + first + table + second + "\xFF") == wanted);
  CHECK(cut(start + first + table + second + "\xFF\xD8secret") == wanted);
}

TEST_CASE("an ICC profile is put together from its parts, kept or dropped") {
  std::string profile;
  for (int i = 0; i < 1'000; ++i) {
    profile += static_cast<char>(i);
  }
  const std::string jpeg = with(make_icc_segments(profile, 300));
  CHECK(profile_of(jpeg) == profile);
  CHECK(cut(jpeg) == jpeg);
  CHECK(is_bare(jpeg));
  CHECK(cut(jpeg, embedded_profile::dropped) == make_plain_jpeg().joined());
  CHECK_FALSE(is_bare(jpeg, embedded_profile::dropped));
}

TEST_CASE("an ICC profile whose parts do not agree is none, and is not kept") {
  const auto part = [](char number, char count) {
    return make_segment(0xE2, "ICC_PROFILE\0"s + number + count + "data");
  };
  const std::string broken[] = {
      part(1, 2), part(1, 1) + part(1, 1), part(0, 1),
      part(2, 1), part(1, 2) + part(2, 3), make_segment(0xE2, "ICC_PROFILE\0\1"s),
      part(1, 0)};
  for (const std::string& segments : broken) {
    CHECK(profile_of(with(segments)).empty());
    CHECK(cut(with(segments)) == make_plain_jpeg().joined());
  }
  CHECK(profile_of(with(part(2, 2) + part(1, 2))) == "datadata");
}

TEST_CASE("the facts that decide about colours are read") {
  const auto facts = [](std::string_view jpeg) {
    const auto layout = read_jpeg_layout(raw(jpeg)).value();
    return std::pair{has_jfif(raw(jpeg), layout), adobe_transform(raw(jpeg), layout)};
  };
  CHECK(facts(make_plain_jpeg().joined()) == std::pair{true, std::optional<std::uint8_t>{}});
  CHECK(facts(with(adobe)) == std::pair{true, std::optional<std::uint8_t>{2}});
  auto parts = make_plain_jpeg();
  parts.jfif = make_segment(0xE0, "JFIF\0\1"s);
  CHECK_FALSE(facts(parts.joined()).first);

  const std::string jpeg = with(
      make_segment(0xE1, make_exif({.orientation = 8, .has_prefix = true, .is_uncalibrated = true}))
  );
  const auto exif = read_exif(exif_of(raw(jpeg), read_jpeg_layout(raw(jpeg)).value()));
  CHECK(exif.lies == orientation::turned_right);
  CHECK(exif.is_uncalibrated);
}

TEST_CASE("a cut JPEG has only segments that may stay, and is not changed by a second cut") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const std::string whole =
      with(adobe + make_icc_segments("a profile", 4) + make_segment(0xFE, "text"))
      + "trailer\xFF\xD9";
  int cuts = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (auto flips = random() % 4; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    bytes.resize(random() % 4 == 0 ? random() % (bytes.size() + 1) : bytes.size());
    const auto layout = read_jpeg_layout(raw(bytes));
    if (!layout) {
      continue;
    }
    ++cuts;
    const std::string once =
        text_of(cut_jpeg_metadata(raw(bytes), *layout, embedded_profile::dropped));
    REQUIRE(cut(once, embedded_profile::dropped) == once);
    REQUIRE(is_bare(once, embedded_profile::dropped));
    REQUIRE(once.find("text") == std::string::npos);
  }
  CHECK(cuts > 1'000);
}
