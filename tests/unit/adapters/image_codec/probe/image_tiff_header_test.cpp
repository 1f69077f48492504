// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/formats/tiff_header.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/picture_files.hpp"

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

constexpr std::uint16_t compression = 0x103;
constexpr std::uint16_t strip_bytes = 0x117;

/// A page of 60 x 40 grey pixels with these fields as well, in place of those of the same tag.
std::vector<tiff_field> page(const std::vector<tiff_field>& more = {}) {
  std::vector<tiff_field> fields{{0x100, 60},   {0x101, 40, 3}, {0x102, 8, 3}, {compression, 1, 3},
                                 {0x106, 1, 3}, {0x111, 8},     {0x115, 1, 3}, {strip_bytes, 100}};
  for (const tiff_field& each : more) {
    std::erase_if(fields, [&each](const tiff_field& old) { return old.tag == each.tag; });
    fields.push_back(each);
  }
  return fields;
}

std::string refusal_of(const std::vector<tiff_field>& more) {
  return read_tiff(raw(make_tiff(page(more), true, 200))).error().message;
}

const std::string camera =
    "this is a raw file of a camera; allowed: JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP, TIFF";

}  // namespace

TEST_CASE("the first page of a TIFF is read in both byte orders") {
  for (const bool is_little : {false, true}) {
    const auto header = read_tiff(raw(make_tiff(page({{0x112, 6, 3}}), is_little, 200)));
    REQUIRE(header);
    CHECK(header->info == image_info{image_format::tiff, 60, 40});
    CHECK(header->lies == orientation::turned_left);
  }
}

TEST_CASE("the compressions of photographs are read, others are refused by their number") {
  for (const std::uint32_t number : {1U, 5U, 7U, 8U, 32'773U, 32'946U}) {
    CHECK(read_tiff(raw(make_tiff(page({{compression, number}}), true, 200))));
  }
  CHECK(
      refusal_of({{compression, 50'000}})
      == "the TIFF picture uses a kind of compression that is not read: 50000; allowed: none, LZW, "
         "Deflate, PackBits, JPEG"
  );
}

TEST_CASE("samples that are not read are refused") {
  const std::string wanted = "; allowed: 1 to 4 of 8 or 16 bits, or one of 1, 2 or 4";
  CHECK(refusal_of({{0x115, 5}}) == "the TIFF picture has 5 samples of 8 bits" + wanted);
  CHECK(refusal_of({{0x102, 32}}) == "the TIFF picture has 1 samples of 32 bits" + wanted);
  CHECK(
      refusal_of({{0x153, 3}})
      == "the TIFF picture has 1 samples of 8 bits that are no whole numbers" + wanted
  );
  CHECK(refusal_of({{0x142, 256}}) == "the TIFF picture is made of tiles; allowed: strips");
  CHECK(
      refusal_of({{0x106, 8}})
      == "the TIFF picture has colours of a kind that is not read: 8; allowed: grey, palette, RGB, "
         "CMYK, YCbCr"
  );
}

TEST_CASE("raw files of cameras are refused by name") {
  CHECK(refusal_of({{0xC612, 0x01040000}}) == camera);
  CHECK(refusal_of({{0x106, 32'803}}) == camera);
  CHECK(refusal_of({{compression, 34'713}}) == camera);
  CHECK(refusal_of({{0xFE, 1}, {0x14A, 100}}) == camera);
}

TEST_CASE("a strip that claims gigabytes does not lie in the file") {
  CHECK(refusal_of({{strip_bytes, 0xFFFFFFF0}}).starts_with("the TIFF picture is cut off"));
  auto without = page();
  std::erase_if(without, [](const tiff_field& each) { return each.tag == strip_bytes; });
  CHECK(
      read_tiff(raw(make_tiff(without))).error().message
      == "the TIFF header does not tell where its strips are"
  );
  CHECK(
      read_tiff(raw(make_tiff({}))).error().message
      == "the TIFF header is cut off before it tells width and height"
  );
}
