// SPDX-License-Identifier: MIT

// Where the walk over a JPEG's segments finds the picture and its end, in files as cameras write
// them and in damaged ones.
#include "adapters/image_codec/probe/jpeg/jpeg_segments.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/picture_files.hpp"

#include <random>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;
using std::string_literals::operator""s;

namespace {

jpeg_layout layout_of(std::string_view jpeg) {
  auto layout = read_jpeg_layout(raw(jpeg));
  INFO((layout ? "" : layout.error().message));
  REQUIRE(layout);
  return std::move(*layout);
}

std::string refusal_of(std::string_view jpeg) {
  const auto layout = read_jpeg_layout(raw(jpeg));
  REQUIRE_FALSE(layout);
  CHECK(layout.error().kind == error_class::invalid_input);
  return layout.error().message;
}

/// A JPEG of that frame header and one scan of all components.
std::string jpeg_of_frame(std::uint8_t code, std::string_view content) {
  return "\xFF\xD8" + make_segment(code, content) + make_scan("\1\2\3") + "\xFF\xD9";
}

/// A trailer as a maker of phones puts it: names, then a video.
std::string trailer(std::uint32_t seed) {
  std::string text = "\0\0\1\x0A\x0E\0\0\0Image_UTC_Data"s;
  std::mt19937 random{seed};
  for (int i = 0; i < 100'000; ++i) {
    text += static_cast<char>(random());
  }
  return text;
}

}  // namespace

TEST_CASE("the frame and the end of a JPEG are found, whatever stands behind it") {
  const std::string plain = make_plain_jpeg().joined();
  for (const std::string& behind : {""s, "trailing"s, plain, trailer(1)}) {
    const auto layout = layout_of(plain + behind);
    CHECK(layout.frame.width == 60);
    CHECK(layout.frame.height == 40);
    CHECK_FALSE(layout.frame.is_progressive);
    CHECK_FALSE(layout.is_multi_scan);
    CHECK(layout.has_eoi);
    CHECK(layout.end == plain.size());
    CHECK(blocks_of(layout.frame) == 72);
    CHECK(layout.scanned_blocks == 72);
  }
}

TEST_CASE("segments, fill bytes and stray bytes before the frame are passed over") {
  auto parts = make_plain_jpeg();
  parts.jfif += make_segment(0xE1, "\xFF\xC0\x00\x0B\x08\x00"s) + "stray\xFF\x00\xFF\xFF\xFF"s;
  const auto layout = layout_of(parts.joined());
  CHECK(layout.frame.width == 60);
  CHECK(layout.has_eoi);
}

TEST_CASE("what viewers pass over is passed over: odd versions, odd numbers in a scan's header") {
  auto parts = make_plain_jpeg();
  parts.jfif[10] = '\3';  // JFIF 3.1
  CHECK(layout_of(parts.joined()).has_eoi);
  // Samsung's front cameras name no spectral range, other cameras a successive approximation.
  for (const std::string& numbers : {"\0\0\0"s, "\0\x3F\x11"s}) {
    parts.scan.replace(11, 3, numbers);
    CHECK(layout_of(parts.joined()).has_eoi);
    CHECK(layout_of(parts.joined()).scans == 1);
  }
}

TEST_CASE("a JPEG without EOI ends with the data of its last scan, and a trailer does not count") {
  auto parts = make_plain_jpeg();
  parts.end.clear();
  const std::string cut = parts.joined();
  const auto bare = layout_of(cut);
  CHECK_FALSE(bare.has_eoi);
  CHECK(bare.end == cut.size());
  CHECK(layout_of(cut + "\xFF").end == cut.size());

  const std::string with_video = cut + "Image_UTC_Data\xFF\x03rest\xFF\xD9";
  CHECK_FALSE(layout_of(with_video).has_eoi);
  CHECK(layout_of(with_video).end == cut.size() + 14);
  // Tables that are none, and comments behind which nothing goes on, are not of the picture.
  for (const std::string& odd :
       {make_segment(0xC4, "\x77\x01"), make_segment(0xFE, "text") + "more",
        make_segment(0xDA, "\1\7\0\0\0\0"s), "\xFF\xD8\xFF\xE1"s, "\xFF\xC4\xFF\xFF"s}) {
    INFO(odd);
    CHECK(layout_of(cut + odd).end == cut.size());
    CHECK_FALSE(layout_of(cut + odd + "\xFF\xD9").has_eoi);
  }
}

TEST_CASE("a trailer of any bytes does not lead the walk far into it") {
  auto parts = make_plain_jpeg();
  parts.end.clear();
  const std::string cut = parts.joined();
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    INFO("seed " << seed);
    CHECK(layout_of(cut + trailer(seed)).end < cut.size() + 8'000);
  }
}

TEST_CASE("a JPEG is cut off where a component has been in no scan") {
  const std::string head = "\xFF\xD8" + make_segment(0xC0, make_frame_content(60, 40));
  const auto whole = layout_of(head + make_scan("\1") + make_scan("\2\3") + "\xFF\xD9");
  CHECK(whole.scans == 2);
  CHECK(whole.is_multi_scan);
  CHECK(whole.scanned_blocks == 72);
  const std::string half = head + make_scan("\1");
  const std::string text = "the JPEG picture is cut off: its " + std::to_string(half.size())
                           + " bytes end before the picture does";
  CHECK(refusal_of(half) == text);
}

TEST_CASE("tables and comments between scans belong to the picture") {
  const std::string jpeg = "\xFF\xD8" + make_segment(0xC2, make_frame_content(60, 40))
                           + make_scan("\1\2\3")
                           + make_segment(0xC4, "\0\1"s + std::string(16, '\0'))
                           + make_segment(0xFE, "text") + make_scan("\1") + "\xFF\xD9";
  const auto layout = layout_of(jpeg);
  CHECK(layout.has_eoi);
  CHECK(layout.scans == 2);
  CHECK(layout.frame.is_progressive);
  CHECK(layout.scanned_blocks == 72 + 48);
}

TEST_CASE("what there is no decoder for is refused by its name") {
  const std::string frame = make_frame_content(60, 40);
  CHECK(
      refusal_of(jpeg_of_frame(0xC1, make_frame_content(60, 40, 12)))
      == "this is a 12-bit JPEG; allowed: 8 bits"
  );
  CHECK(
      refusal_of(jpeg_of_frame(0xC3, frame))
      == "this is a lossless JPEG; allowed: baseline and progressive"
  );
  CHECK(
      refusal_of(jpeg_of_frame(0xC5, frame))
      == "this is a hierarchical JPEG; allowed: baseline and progressive"
  );
  for (const char code : {'\xC9', '\xCA', '\xCB'}) {
    CHECK(
        refusal_of(jpeg_of_frame(static_cast<std::uint8_t>(code), frame))
        == "this is an arithmetic-coded JPEG; allowed: Huffman coding"
    );
  }
}

TEST_CASE("headers that no decoder gets past are refused with what is wrong") {
  const std::string frame = make_segment(0xC0, make_frame_content(60, 40));
  const std::string start = "\xFF\xD8";
  const std::pair<std::string, std::string_view> table[] = {
      {"", "the JPEG header does not begin with SOI"},
      {start, "the JPEG header is cut off before the picture begins"},
      {start + "\xFF\xD9", "the JPEG header has no frame"},
      {start + make_scan("\1"), "the JPEG header has no frame"},
      {start + frame + "\xFF\xD9", "the JPEG header has no scan"},
      {start + frame, "the JPEG header is cut off before the picture begins"},
      {start + "\xFF\xE0\x00\x01"s, "the JPEG header is cut off before the picture begins"},
      {start + frame + frame, "the JPEG header has two frames"},
      {start + frame + make_scan("\7"), "the JPEG header has a damaged scan header"},
      {start + frame + make_scan("\1\1"), "the JPEG header has a damaged scan header"},
      {start + make_segment(0xC0, "\x08"), "the JPEG header has a damaged frame"},
      {start + make_segment(0xDB, "\x07text"), "the JPEG header has damaged tables"},
      {start + make_segment(0xC4, "text"), "the JPEG header has damaged tables"},
      {start + make_segment(0xDD, "text"), "the JPEG header has damaged tables"},
      {start + make_segment(0xF7, "x"), "the JPEG header has an unknown marker, number 247"},
      {start + make_segment(0xC0, make_frame_content(800, 0)),
       "the picture is 800 x 0 pixels; allowed: sides of at least 1"},
      {start + make_segment(0xC0, "\x08\0\1\0\1\2\1\x11\0\2\x11\0"s),
       "the JPEG picture has 2 components; allowed: 1, 3 or 4"},
      {start + make_segment(0xC0, "\x08\0\1\0\1\1\1\x51\0"s),
       "the JPEG picture has a component sampled 5 x 1; allowed: 1 to 4 a direction"},
  };
  for (const auto& [bytes, message] : table) {
    INFO(message);
    CHECK(refusal_of(bytes) == message);
  }
}

TEST_CASE("a JPEG of very many scans or segments is refused") {
  const std::string start = "\xFF\xD8" + make_segment(0xC2, make_frame_content(60, 40));
  std::string scans;
  for (int i = 0; i < 100; ++i) {
    scans += make_scan("\1\2\3");
  }
  CHECK(layout_of(start + scans + "\xFF\xD9").scans == 100);
  CHECK(
      refusal_of(start + scans + make_scan("\1\2\3"))
      == "the JPEG picture has more than 100 scans; allowed: 100"
  );
  std::string comments;
  for (int i = 0; i < 998; ++i) {
    comments += make_segment(0xFE, "");
  }
  CHECK(layout_of(start + comments + make_scan("\1\2\3") + "\xFF\xD9").segments.size() == 1'000);
  comments += make_segment(0xFE, "");
  CHECK(
      refusal_of(start + comments + make_scan("\1\2\3"))
      == "the JPEG picture has more than 1000 segments; allowed: 1000"
  );
}
