// SPDX-License-Identifier: MIT

// Writes small pictures of each format, and parts of them, into the folder given: what the fuzzers
// of the image probe begin with.
#include "tests/support/pictures/picture_files.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

using namespace stayler::test;
using std::string_literals::operator""s;

namespace {

class seed_folder {
 public:
  explicit seed_folder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void put(const std::string& name, std::string_view bytes) const {
    std::ofstream{folder_ / name, std::ios::binary} << bytes;
  }

 private:
  std::filesystem::path folder_;
};

void put_jpegs(const seed_folder& seeds) {
  auto parts = make_plain_jpeg();
  seeds.put("jpeg", parts.joined());
  parts.jfif += make_segment(
                    0xE1, make_exif(
                              {.orientation = 6,
                               .has_prefix = true,
                               .is_uncalibrated = true,
                               .interoperability = "R03"}
                          )
                )
                + make_icc_segments("a profile", 4) + make_segment(0xEE, "Adobe\0\x64\0\0\0\0\1"s)
                + make_segment(0xFE, "a comment");
  seeds.put("jpeg-metadata", parts.joined() + parts.joined());
  parts.end.clear();
  seeds.put("jpeg-trailer", parts.joined() + "Image_UTC_Data\xFF\x03more\xFF\xD9");
  seeds.put(
      "jpeg-progressive", "\xFF\xD8" + make_segment(0xC2, make_frame_content(60, 40))
                              + make_scan("\1\2\3")
                              + make_segment(0xC4, "\0\1"s + std::string(16, '\0'))
                              + make_segment(0xE1, "x") + make_scan("\1") + "\xFF\xD9"
  );
}

void put_pngs(const seed_folder& seeds) {
  const std::string end = make_png_chunk("IDAT", "xx") + make_png_chunk("IEND", "");
  seeds.put("png", make_png_start(80, 60) + end);
  std::string png = make_png_start(80, 60, true);
  for (const char* name : {"gAMA", "iCCP", "tEXt", "acTL", "PLTE", "tRNS"}) {
    png += make_png_chunk(name, "data");
  }
  png +=
      make_png_chunk("cICP", "\1\x0D\0\1"s) + make_png_chunk("eXIf", make_exif({.orientation = 6}));
  seeds.put("png-chunks", png + end + "behind");
}

void put_webps(const seed_folder& seeds) {
  const std::string picture = make_webp_lossless(80, 60);
  seeds.put("webp", make_webp(picture));
  seeds.put(
      "webp-lossy", make_webp(make_riff_chunk("VP8 ", "\x10\x00\x00\x9D\x01\x2A\x50\x00\x3C\x00"s))
  );
  seeds.put(
      "webp-extended", make_webp(
                           make_webp_extended(0x3C, 80, 60) + make_riff_chunk("ICCP", "odd")
                           + make_riff_chunk("ALPH", "alpha") + picture
                           + make_riff_chunk("EXIF", make_exif({.orientation = 6}))
                       )
  );
  const std::string frame = little(0, 6) + little(79, 3) + little(59, 3) + little(100, 3) + "\0"s;
  seeds.put(
      "webp-animated",
      make_webp(make_webp_extended(0x02, 80, 60) + make_riff_chunk("ANMF", frame + picture))
  );
}

void put_others(const seed_folder& seeds) {
  seeds.put("heic", make_heif({}));
  seeds.put(
      "heic-grid",
      make_heif({.tiles = 4, .properties = make_box("irot", "\1"), .property_count = 1})
  );
  seeds.put("avif", make_heif({.major = "avif", .coding = "av01"}));
  const std::vector<tiff_field> page{{0x100, 60},   {0x101, 40, 3}, {0x102, 8, 3},
                                     {0x103, 1, 3}, {0x111, 8},     {0x117, 100}};
  seeds.put("tiff", make_tiff(page, true, 100));
  seeds.put("tiff-big-endian", make_tiff(page, false, 100));
  seeds.put(
      "exif", make_exif({.orientation = 8, .is_uncalibrated = true, .interoperability = "R03"})
  );
  seeds.put(
      "gif",
      "GIF89a\x3C\0\x3C\0\x80\0\0\0\0\0\xFF\xFF\xFF\x21\xFE\4text\0,\0\0\0\0\x3C\0\x3C\0\0\2\2\x44\1\0;"s
  );
  seeds.put(
      "bmp", "BM" + little(0, 8) + little(54, 4) + little(40, 4) + little(4, 4) + little(3, 4)
                 + little(1, 2) + little(24, 2) + std::string(24, '\0') + std::string(36, 'x')
  );
  seeds.put("page", "<!DOCTYPE html>");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::cerr << "usage: image_seeds FOLDER\n";
    return 2;
  }
  const seed_folder seeds{argv[1]};
  put_jpegs(seeds);
  put_pngs(seeds);
  put_webps(seeds);
  put_others(seeds);
  return 0;
}
