// SPDX-License-Identifier: MIT

// What the header reader says about hand-made bytes, and that no cut or damage makes it say
// anything but a size within the format or a refusal.
#include "adapters/image_codec/probe/image_probe.hpp"

#include "adapters/image_codec/probe/examination.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/picture_files.hpp"

#include <random>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;
using std::string_literals::operator""s;

namespace {

image_header header_of_file(std::string_view file) {
  const auto header = read_image_header(raw(file));
  INFO((header ? "" : header.error().message));
  REQUIRE(header);
  return *header;
}

std::string refusal_of_header(std::string_view file) {
  const auto header = read_image_header(raw(file));
  REQUIRE_FALSE(header);
  CHECK(header.error().kind == error_class::invalid_input);
  return header.error().message;
}

const std::string allowed = "; allowed: JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP, TIFF";

const std::string small_png =
    make_png_start(800, 600) + make_png_chunk("IDAT", "xx") + make_png_chunk("IEND", "");

const std::string lossy_webp =
    make_webp(make_riff_chunk("VP8 ", "\x10\x00\x00\x9D\x01\x2A\x20\x43\x58\x82"s)
    );  // 800 x 600, with scale bits above

/// A GIF of one frame at a place on its screen, in two colours.
std::string make_gif(std::uint32_t screen_side, std::uint32_t x, std::uint32_t side) {
  return "GIF89a" + little(screen_side, 2) + little(screen_side, 2) + "\x80\0\0\0\0\0\xFF\xFF\xFF"s
         + "\x21\xFE\4text\0"s + "," + little(x, 2) + little(0, 2) + little(side, 2)
         + little(side, 2) + "\0\2\2\x44\1\0"s;
}

/// A BMP with 24 bits a pixel.
std::string make_bmp(std::int32_t width, std::int32_t height, std::uint32_t compression = 0) {
  const auto number = [](std::int32_t value) {
    return little(static_cast<std::uint32_t>(value), 4);
  };
  const auto rows = static_cast<std::size_t>(height < 0 ? -std::int64_t{height} : height);
  const std::size_t row_bytes = (static_cast<std::size_t>(width) * 24 + 31) / 32 * 4;
  return "BM" + little(0, 8) + little(54, 4) + little(40, 4) + number(width) + number(height)
         + little(1, 2) + little(24, 2) + little(compression, 4) + std::string(20, '\0')
         + std::string(rows < 100 ? rows * row_bytes : 0, 'x');
}

const std::string small_gif = make_gif(60, 0, 60);
const std::string small_bmp = make_bmp(60, 40);

}  // namespace

TEST_CASE("width and height are read from the headers of all formats") {
  using enum image_format;
  CHECK(header_of_file(make_plain_jpeg().joined()).info == image_info{jpeg, 60, 40});
  CHECK(header_of_file(small_png).info == image_info{png, 800, 600});
  CHECK(header_of_file(lossy_webp).info == image_info{webp, 800, 600});
  CHECK(header_of_file(make_webp(make_webp_lossless(800, 600))).info == image_info{webp, 800, 600});
  CHECK(
      header_of_file(make_webp(make_webp_extended(0x10, 800, 600))).info
      == image_info{webp, 800, 600}
  );
  CHECK(header_of_file(make_heif({})).info == image_info{heic, 640, 480});
  CHECK(
      header_of_file(make_heif({.major = "avif", .compatible = "mif1", .coding = "av01"})).info
      == image_info{avif, 640, 480}
  );
  CHECK(header_of_file(small_gif).info == image_info{gif, 60, 60});
  CHECK(header_of_file(make_gif(60, 20, 50)).info == image_info{gif, 70, 60});
  CHECK(header_of_file(small_bmp).info == image_info{bmp, 60, 40});
  CHECK(header_of_file(make_bmp(60, -40)).info == image_info{bmp, 60, 40});
}

TEST_CASE("the orientation is read from the EXIF of JPEG, PNG and WebP") {
  for (const bool has_prefix : {false, true}) {
    const std::string exif = make_exif({.orientation = 6, .has_prefix = has_prefix});
    const std::string png = make_png_start(80, 60) + make_png_chunk("eXIf", exif)
                            + make_png_chunk("IDAT", "xx") + make_png_chunk("IEND", "");
    CHECK(header_of_file(png).lies == orientation::turned_left);
    const std::string webp = make_webp(
        make_webp_extended(0x08, 80, 60) + make_webp_lossless(80, 60)
        + make_riff_chunk("EXIF", exif)
    );
    CHECK(header_of_file(webp).lies == orientation::turned_left);
  }
  auto jpeg = make_plain_jpeg();
  jpeg.jfif = make_segment(0xE1, make_exif({.orientation = 3, .has_prefix = true}));
  CHECK(header_of_file(jpeg.joined()).lies == orientation::upside_down);
  CHECK(header_of_file(small_png).lies == orientation::upright);
}

TEST_CASE("what is no picture is refused by its name, with what is allowed") {
  const std::pair<std::string, std::string> table[] = {
      {"", "there are no bytes"},
      {"x", "no known picture begins with 78"},
      {"hello, world", "no known picture begins with 68 65 6c 6c 6f 2c 20 77"},
      {"%PDF-1.7", "this is a PDF file"},
      {"8BPS\0\1"s, "this is a Photoshop file"},
      {"\0\0\1\0\1\0"s, "this is an ICO file"},
      {"\xFF\x0A\xFA", "this is a JPEG XL file"},
      {"\0\0\0\x0CJXL \r\n"s, "this is a JPEG XL file"},
      {"\0\0\0\x0CjP  \r\n"s, "this is a JPEG 2000 file"},
      {"PK\3\4", "this is a ZIP file"},
      {"II+\0\x08"s, "this is a BigTIFF file"},
      {"FUJIFILMCCD-RAW 0201", "this is a raw file of a camera"},
      {make_box("ftyp", "crx \0\0\0\1isom"s), "this is a raw file of a camera"},
      {make_box("ftyp", "qt  \0\0\0\0"s), "this is a video"},
      {make_box("ftyp", "isom\0\0\2\0avc1mp41"s), "this is a video"},
      {make_box("ftyp", "mp42\0\0\0\0isom"s), "this is a video"},
      {make_box("ftyp", "M4A \0\0\0\0isom"s), "this is a sound file"},
      {"\x1A\x45\xDF\xA3", "this is a video"},
      {"RIFF\0\0\0\0AVI LIST"s, "this is a video"},
      {"<svg xmlns=", "this is an SVG file"},
      {"\xEF\xBB\xBF <?xml version='1.0'?>\n<!-- by hand -->\n<svg>", "this is an SVG file"},
      {"<!DOCTYPE html><svg>", "this is an HTML or XML text"},
      {" {\"image\": 1}", "this is a JSON text"},
      {"BM, the letters", "no known picture begins with 42 4d 2c 20 74 68 65 20"},
  };
  for (const auto& [bytes, reason] : table) {
    INFO(reason);
    CHECK(refusal_of_header(bytes) == reason + allowed);
  }
}

TEST_CASE("a header that is damaged is refused with what is wrong") {
  const std::string gif_head = "GIF89a" + little(60, 2) + little(60, 2) + "\0\0\0"s;
  const std::pair<std::string, std::string> table[] = {
      {"\xFF\xD8\xFF", "the JPEG header is cut off before the picture begins"},
      {"\xFF\xD8\xFF\xD9", "the JPEG header has no frame"},
      {small_png.substr(0, 28), "the PNG header is cut off before it tells width and height"},
      {"\x89PNG\r\n\x1A\n" + make_png_chunk("IDAT", std::string(13, 'x')),
       "the PNG header does not begin with IHDR"},
      {lossy_webp.substr(0, 29), "the WebP header is cut off before it tells width and height"},
      {make_webp(make_riff_chunk("XXXX", "0123456789")),
       "the WebP header begins with an unknown chunk"},
      {gif_head + ";", "the GIF picture has no frame"},
      {small_gif.substr(0, small_gif.size() - 1), "the GIF picture is cut off: its "
                                                      + std::to_string(small_gif.size() - 1)
                                                      + " bytes end before the picture does"},
      {small_bmp.substr(0, small_bmp.size() - 1), "the BMP picture is cut off: its "
                                                      + std::to_string(small_bmp.size() - 1)
                                                      + " bytes end before the picture does"},
      {make_bmp(60, 40, 4),
       "the BMP picture uses a kind of compression that is not read: 4; allowed: none and run "
       "lengths"},
      {make_bmp(60, 0), "the picture is 60 x 0 pixels; allowed: sides of at least 1"},
      {make_gif(60, 0, 0), "the picture is 0 x 0 pixels; allowed: sides of at least 1"},
  };
  for (const auto& [bytes, message] : table) {
    INFO(message);
    CHECK(refusal_of_header(bytes) == message);
  }
}

TEST_CASE("a file that is cut off within its header is refused") {
  const auto jpeg = make_plain_jpeg();
  const std::string wholes[] = {
      jpeg.start + jpeg.jfif + jpeg.tables + jpeg.frame + jpeg.scan.substr(0, 10),
      small_png.substr(0, 29),
      lossy_webp,
      make_heif({}),
      small_gif,
      small_bmp};
  for (const std::string& whole : wholes) {
    for (std::size_t size = 0; size < whole.size() && size < 200; ++size) {
      INFO(whole.substr(0, 8) << " cut to " << size);
      CHECK_FALSE(read_image_header(raw(whole.substr(0, size))));
    }
  }
}

TEST_CASE("damaged bytes give a size that the format can have, or a refusal") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const std::string wholes[] = {
      make_plain_jpeg().joined(),
      small_png,
      lossy_webp,
      make_webp(make_webp_lossless(80, 60)),
      make_heif({.tiles = 4}),
      small_gif,
      small_bmp,
      make_tiff({{0x100, 60}, {0x101, 40}, {0x111, 8}, {0x117, 4}})};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = wholes[random() % std::size(wholes)];
    for (auto flips = random() % 4 + 1; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    bytes.resize(random() % 4 == 0 ? random() % (bytes.size() + 1) : bytes.size());
    const auto header = examine(raw(bytes), {});
    if (!header) {
      REQUIRE(header.error().kind == error_class::invalid_input);
      REQUIRE_FALSE(header.error().message.empty());
      continue;
    }
    REQUIRE((header->info.width > 0 && header->info.height > 0));
    REQUIRE(header->coded_pixels > 0);
  }
}
