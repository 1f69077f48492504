// SPDX-License-Identifier: MIT

// Nothing that is stored or sent tells where, when or with what a picture was taken.
#include "adapters/image_codec/image_codec.hpp"
#include "tests/integration/images/codec_fixture.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/pictures/heif_pictures.hpp"
#include "tests/support/pictures/picture_files.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

constexpr const char* traces[] = {
    "SecretCamera", "Exif", "GPS", "ns.adobe", "photoshop", "MPF", "SerialNo", "thumbnail of it",
};

std::string text_in(const byte_vector& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string secret_exif(bool has_prefix) {
  exif_content kind;
  kind.has_prefix = has_prefix;
  return make_exif(kind) + "GPS SerialNo 4711";
}

/// Everything that a telephone may put into a JPEG, and a video behind it.
byte_vector talkative_jpeg(const byte_vector& plain) {
  const std::string segments =
      make_segment(0xE1, secret_exif(true)) + make_segment(0xE1, "http://ns.adobe.com/xap/1.0/ GPS")
      + make_segment(0xE0, std::string{"JFXX\0\x10", 6} + "thumbnail of it")
      + make_segment(0xE2, std::string{"MPF\0", 4} + "GPS")
      + make_segment(0xED, "Photoshop 3.0 photoshop GPS") + make_segment(0xEF, "SerialNo")
      + make_segment(0xFE, "SerialNo 4711");
  std::string text = text_in(plain);
  text.insert(2, segments);
  return bytes_of(text + text_in(plain).insert(2, segments) + "ftypmp42 GPS SerialNo");
}

byte_vector talkative_png(const byte_vector& plain) {
  std::string text = text_in(plain);
  text.insert(
      8 + 25, make_png_chunk("eXIf", secret_exif(false)) + make_png_chunk("tEXt", "GPS SerialNo")
                  + make_png_chunk("iTXt", "XML:com.adobe.xmp ns.adobe")
                  + make_png_chunk("prVt", "SerialNo")
  );
  return bytes_of(text + "GPS SerialNo");
}

byte_vector talkative_webp() {
  picture_kind kind;
  kind.format = image_format::webp;
  constexpr std::uint8_t exif_and_xmp = 0x0C;
  return bytes_of(
      make_webp(
          (make_webp_extended(exif_and_xmp, 64, 48)) + text_in(make_picture(kind)).substr(12)
          + make_riff_chunk("EXIF", secret_exif(true))
          + make_riff_chunk("XMP ", "http://ns.adobe.com/xap/1.0/ GPS")
          + make_riff_chunk("MINE", "SerialNo")
      )
      + "GPS SerialNo"
  );
}

byte_vector talkative_heif(image_format format) {
  heif_kind kind;
  kind.format = format;
  kind.exif_orientation = 1;
  return make_heif_picture(kind);
}

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> part{};
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), pipe)) {
    output.append(part.data(), count);
  }
  pclose(pipe);
  return output;
}

void check_silent(const encoded_image& image) {
  for (const char* trace : traces) {
    INFO(trace);
    CHECK_FALSE(contains(*image.bytes, trace));
  }
}

}  // namespace

TEST_CASE("no operation lets metadata through, from any format") {
  const auto codec = make_codec();
  picture_kind large;
  large.width = 600;
  large.height = 400;
  const std::pair<const char*, byte_vector> sources[] = {
      {"JPEG", talkative_jpeg(jpeg())},
      {"large JPEG", talkative_jpeg(make_picture(large))},
      {"JPEG on its side", with_exif(talkative_jpeg(jpeg()), 6)},
      {"JPEG on its side, to be encoded anew", with_exif(talkative_jpeg(jpeg(70, 50)), 6)},
      {"PNG", talkative_png(picture(image_format::png))},
      {"transparent PNG", talkative_png(picture(image_format::png, true))},
      {"WebP", talkative_webp()},
      {"HEIC", talkative_heif(image_format::heic)},
      {"AVIF", talkative_heif(image_format::avif)},
      {"TIFF", encoded_as(with_exif(jpeg(), 1), "TIFF")},
  };
  for (const auto& [name, bytes] : sources) {
    INFO(name);
    REQUIRE((contains(bytes, "SecretCamera") || contains(bytes, "GPS") || name[0] == 'T'));
    const auto prepared = codec->prepare(share(bytes));
    INFO((prepared ? "" : prepared.error().message));
    REQUIRE(prepared);
    check_silent(prepared->picture);
    const auto stored = codec->sanitize(share(bytes));
    REQUIRE(stored);
    check_silent(stored->content.picture);
    check_silent(stored->content.thumbnail);
    for (const auto format : {image_format::jpeg, image_format::png, image_format::webp}) {
      const auto finished = codec->finish(share(bytes), format, {});
      REQUIRE(finished);
      check_silent(finished->picture);
      check_silent(finished->thumbnail);
    }
    const auto transformed = codec->transform(share(bytes), {});
    REQUIRE(transformed);
    check_silent(transformed->picture);
    check_silent(transformed->thumbnail);
  }
}

TEST_CASE("exiftool finds nothing in what is stored but what a picture consists of") {
  const temporary_folder folder;
  const auto codec = make_codec();
  int number = 0;
  for (const auto& source :
       {talkative_jpeg(jpeg()), with_exif(talkative_jpeg(jpeg(70, 50)), 6),
        talkative_png(picture(image_format::png)), talkative_webp(),
        talkative_heif(image_format::heic)}) {
    const auto stored = codec->sanitize(share(source));
    REQUIRE(stored);
    for (const auto& image : {stored->content.picture, stored->content.thumbnail}) {
      const auto name =
          std::to_string(++number) + "." + std::string{file_ending_of(image.info.format)};
      std::ofstream out{folder.path() / name, std::ios::binary};
      out << text_in(*image.bytes);
    }
  }
  const std::string found = output_of("exiftool -a -G1 -s -r '" + folder.path().string() + "'");
  REQUIRE(found.find("[File]") != std::string::npos);
  std::istringstream lines{found};
  for (std::string line; std::getline(lines, line);) {
    const std::string group = line.substr(0, line.find(']') + 1);
    const bool is_plain = group.empty() || group == "[ExifTool]" || group == "[System]"
                          || group == "[File]" || group == "[Composite]" || group == "[JFIF]"
                          || group == "[PNG]" || group == "[RIFF]";
    INFO(line);
    CHECK(is_plain);
  }
}

TEST_CASE("what follows the data of a JPEG without an end is not kept") {
  const std::string text = text_in(jpeg());
  const auto source = bytes_of(text.substr(0, text.size() - 2) + "SerialNo 4711 GPS");
  const auto stored = make_codec()->sanitize(share(source));
  REQUIRE(stored);
  check_silent(stored->content.picture);
  CHECK(corners(stored->content.picture) == as_painted);
  const auto prepared = make_codec()->prepare(share(source));
  REQUIRE(prepared);
  check_silent(prepared->picture);
}

TEST_CASE("what is sent to the provider holds no profile") {
  // Its name, as sRGB needs none.
  const auto prepared = make_codec()->prepare(share(with_exif(jpeg(), 6)));
  REQUIRE(prepared);
  CHECK_FALSE(contains(*prepared->picture.bytes, "ICC_PROFILE"));
}
