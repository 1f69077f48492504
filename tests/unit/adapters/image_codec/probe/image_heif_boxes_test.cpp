// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/heif/heif_boxes.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/picture_files.hpp"

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;
using std::string_literals::operator""s;

namespace {

image_header read(const heif_content& kind) {
  const auto header = read_heif(raw(make_heif(kind)));
  INFO((header ? "" : header.error().message));
  REQUIRE(header);
  return *header;
}

std::string refusal_of(const heif_content& kind) {
  return read_heif(raw(make_heif(kind))).error().message;
}

std::string brands(std::string_view major, std::string_view compatible) {
  return make_box("ftyp", std::string{major} + big(0, 4) + std::string{compatible});
}

const std::string quarter_turn = make_box("irot", "\1");
const std::string half_turn = make_box("irot", "\2");
/// The middle 400 x 300.
const std::string crop = make_box(
    "clap",
    big(400, 4) + big(1, 4) + big(600, 4) + big(2, 4) + big(0, 4) + big(1, 4) + big(0, 4)
        + big(1, 4)
);

std::string coding(std::uint32_t transfer) {
  return make_box("colr", "nclx" + big(9, 2) + big(transfer, 2) + big(9, 2) + "\x80");
}

}  // namespace

TEST_CASE("HEIC and AVIF are told by major and compatible brands") {
  const auto format = [](std::string_view major, std::string_view compatible) {
    return detect_heif(raw(brands(major, compatible))).format;
  };
  CHECK(format("heic", "") == image_format::heic);
  CHECK(format("mif1", "miafheix") == image_format::heic);
  CHECK(format("mp42", "isomheic") == image_format::heic);
  CHECK(format("avif", "mif1miaf") == image_format::avif);
  CHECK(format("mif1", "avif") == image_format::avif);
  CHECK(format("isom", "mp42avc1") == std::nullopt);
  // What looks like a brand in the place of the version is none.
  CHECK(detect_heif(raw(make_box("ftyp", "isomheic"))).format == std::nullopt);
}

TEST_CASE("the sides are those behind turning and cropping, and nothing is left to be turned") {
  CHECK(read({}).info == image_info{image_format::heic, 640, 480});
  CHECK(read({}).lies == orientation::upright);
  CHECK(read({.properties = quarter_turn, .property_count = 1}).info.width == 480);
  CHECK(read({.properties = half_turn, .property_count = 1}).info.width == 640);
  const auto both = read({.properties = crop + quarter_turn, .property_count = 2});
  CHECK(both.info == image_info{image_format::heic, 300, 400});
  CHECK(both.lies == orientation::upright);
  CHECK(both.coded_pixels == 640 * 480);
}

TEST_CASE("the primary item's coding tells HEIC from AVIF, whatever the brands say") {
  CHECK(read({.coding = "av01"}).info.format == image_format::avif);
  CHECK(read({.major = "mif1", .compatible = "", .tiles = 4}).info.format == image_format::heic);
  CHECK(
      refusal_of({.coding = "vvc1"})
      == "this is a HEIF file of another coding; allowed: HEVC (HEIC) and AV1 (AVIF)"
  );
}

TEST_CASE("a grid has the size that it says, and all its tiles") {
  const auto header = read({.width = 4'032, .height = 3'024, .tiles = 48});
  CHECK(header.info == image_info{image_format::heic, 4'032, 3'024});
  CHECK(header.coded_pixels == 4'032 * 3'024);
  CHECK(
      refusal_of({.tiles = 4, .tiles_named = 3})
      == "the HEIC picture is incomplete: part of its tiles is missing"
  );
}

TEST_CASE("sides that no picture has are refused before their pixels are summed up") {
  CHECK(
      refusal_of({.width = 0xFFFFFFFF, .height = 0xFFFFFFFF})
      == "the HEIC picture has a side of 4294967295 pixels; allowed: up to 1000000"
  );
}

TEST_CASE("a HEIF file whose items lie outside of it is cut off") {
  const std::string whole = make_heif({});
  CHECK(read_heif(raw(whole)));
  CHECK(refusal_of({.data_bytes = 4'000}).starts_with("the HEIF picture is cut off"));
  CHECK(refusal_of({.tiles = 4, .data_bytes = 4'000}).starts_with("the HEIF picture is cut off"));
  CHECK(
      read_heif(raw(whole.substr(0, 60))).error().message
      == "the HEIF picture is cut off: its 60 bytes end before the picture does"
  );
}

TEST_CASE("HDR is refused by the name of its curve") {
  CHECK(read({.properties = coding(13), .property_count = 1}).info.width == 640);
  CHECK(
      refusal_of({.properties = coding(16), .property_count = 1})
      == "this is an HDR picture (PQ); allowed: SDR or HDR with an SDR base"
  );
  CHECK(
      refusal_of({.properties = coding(18), .property_count = 1})
      == "this is an HDR picture (HLG); allowed: SDR or HDR with an SDR base"
  );
}

TEST_CASE("a file of many items is read, and one of very many is refused") {
  CHECK(read({.width = 2'000, .tiles = 200}).info.width == 2'000);
  const std::string many(std::size_t{5'000} * 21, 'x');
  std::string infos;
  for (std::uint32_t id = 1; id <= 5'000; ++id) {
    infos += make_full_box("infe", 2, 0, big(id, 2) + big(0, 2) + "hvc1\0"s);
  }
  const std::string file =
      brands("heic", "mif1")
      + make_full_box("meta", 0, 0, make_full_box("iinf", 0, 0, big(5'000, 2) + infos));
  CHECK(
      read_heif(raw(file)).error().message
      == "the HEIF file has more than 4096 items; allowed: 4096"
  );
}

TEST_CASE("a few bytes that tell of millions of pieces are refused at once") {
  std::string places = "\0\0"s + big(1'000'000, 4);
  for (int i = 0; i < 1'000; ++i) {
    places += big(1, 4) + big(0, 2) + big(0, 2) + big(65'535, 2);
  }
  const std::string file =
      brands("heic", "mif1") + make_full_box("meta", 0, 0, make_full_box("iloc", 2, 0, places));
  CHECK(read_heif(raw(file)).error().message == "the HEIF header has a damaged box iloc");
}

TEST_CASE("a HEIF file without a still picture is refused") {
  CHECK(
      read_heif(raw(brands("msf1", "hevc"))).error().message
      == "the HEIF header has no still picture"
  );
  CHECK(
      read_heif(raw(brands("heic", "") + make_full_box("meta", 0, 0, ""))).error().message
      == "the HEIF header names no primary item"
  );
}
