// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/formats/png_chunks.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/picture_files.hpp"

#include <random>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;
using std::string_literals::operator""s;

namespace {

const std::string start = make_png_start(80, 60);
const std::string data = make_png_chunk("IDAT", "xx");
const std::string end = make_png_chunk("IEND", "");
const std::string plain = start + data + end;

std::string filtered(std::string_view png) {
  const auto made = keep_needed_chunks(raw(png));
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  CHECK(check_chunks(raw(png)));
  return text_of(*made);
}

std::string refusal_of_chunks(std::string_view png) {
  const auto made = keep_needed_chunks(raw(png));
  REQUIRE_FALSE(made);
  CHECK(check_chunks(raw(png)).error().message == made.error().message);
  return made.error().message;
}

}  // namespace

TEST_CASE("what a decoder needs to show a PNG stays, in its order") {
  std::string png = start;
  for (const char* name : {"gAMA", "cHRM", "sRGB", "sBIT", "cICP", "iCCP", "PLTE", "tRNS"}) {
    png += make_png_chunk(name, "data");
  }
  png += data + data + end;
  CHECK(filtered(png) == png);
}

TEST_CASE("text, EXIF, time and the frames of an animation are taken out of a PNG") {
  std::string png = start;
  for (const char* name :
       {"tEXt", "zTXt", "iTXt", "eXIf", "tIME", "acTL", "fcTL", "bKGD", "pHYs", "caBX"}) {
    png += make_png_chunk(name, "secret");
  }
  png +=
      data + make_png_chunk("fdAT", "0123 frame") + make_png_chunk("tEXt", "late") + end + "behind";
  CHECK(filtered(png) == plain);
}

TEST_CASE("a thousand chunks of packed text cost nothing") {
  std::string png = start;
  for (int i = 0; i < 1'000; ++i) {
    png += make_png_chunk("zTXt", "k\0\0packed"s);
  }
  CHECK(filtered(png + data + end) == plain);
}

TEST_CASE("of chunks that there is one of, the first stays, and a profile of up to 1 MB") {
  const std::string gamma = make_png_chunk("gAMA", "1234");
  CHECK(
      filtered(start + gamma + make_png_chunk("gAMA", "5678") + data + end)
      == start + gamma + data + end
  );
  const std::string profile = make_png_chunk("iCCP", std::string(1'000'000, 'p'));
  CHECK(filtered(start + profile + data + end) == start + profile + data + end);
  const std::string longer = make_png_chunk("iCCP", std::string(1'000'001, 'p'));
  CHECK(filtered(start + longer + data + end) == plain);
}

TEST_CASE("a PNG without its end, its data or with an unknown critical chunk is refused") {
  const std::string cut = plain.substr(0, plain.size() - 1);
  CHECK(
      refusal_of_chunks(cut)
      == "the PNG picture is cut off: its " + std::to_string(cut.size())
             + " bytes end before the picture does"
  );
  CHECK(refusal_of_chunks(start + end) == "the PNG picture has no picture data");
  CHECK(
      refusal_of_chunks(start + make_png_chunk("CgBI", "data") + data + end)
      == "the PNG picture has a critical chunk that no decoder knows"
  );
}

TEST_CASE("the facts of a PNG are read, and HDR is refused by name") {
  std::string png;  // the facts are views of it
  const auto facts = [&png](std::string_view chunks) {
    png = make_png_start(80, 60, true) + std::string{chunks} + data + end;
    return read_png(raw(png));
  };
  const auto read = facts(
      make_png_chunk("cICP", "\x0C\x0D\0\1"s) + make_png_chunk("acTL", "01234567")
      + make_png_chunk("eXIf", "II*")
  );
  REQUIRE(read);
  CHECK(read->width == 80);
  CHECK(read->height == 60);
  CHECK(read->is_interlaced);
  CHECK(read->is_animated);
  CHECK(text_of(read->exif) == "II*");
  REQUIRE(read->coding);
  CHECK(int{read->coding->primaries} == 12);
  CHECK(int{read->coding->transfer} == 13);
  CHECK(read->coding->is_full_range);

  CHECK(
      facts(make_png_chunk("cICP", "\x09\x10\0\1"s)).error().message
      == "this is an HDR picture (PQ); allowed: SDR or HDR with an SDR base"
  );
  CHECK(
      facts(make_png_chunk("cICP", "\x09\x12\0\1"s)).error().message
      == "this is an HDR picture (HLG); allowed: SDR or HDR with an SDR base"
  );
}

TEST_CASE("samples that PNG does not have are refused") {
  const auto reason = [](std::string_view layout) {
    return read_png(raw("\x89PNG\r\n\x1A\n"
                        + make_png_chunk("IHDR", big(80, 4) + big(60, 4) + std::string{layout})))
        .error()
        .message;
  };
  CHECK(
      reason("\x04\x02\0\0\0"s)
      == "the PNG header names colour type 2 with 4 bits, which PNG does not have"
  );
  CHECK(
      reason("\x10\x03\0\0\0"s)
      == "the PNG header names colour type 3 with 16 bits, which PNG does not have"
  );
  CHECK(
      reason("\x08\x02\0\0\2"s)
      == "the PNG header names a compression, filter or interlacing that PNG does not have"
  );
}

TEST_CASE("a filtered PNG is not changed by a second filter") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const std::string whole = start + make_png_chunk("gAMA", "1234")
                            + make_png_chunk("tEXt", "secret") + data + data + end + "behind";
  for (int round = 0; round < 10'000; ++round) {
    std::string bytes = whole;
    for (auto flips = random() % 3; flips > 0; --flips) {
      bytes[8 + random() % (bytes.size() - 8)] = static_cast<char>(random());
    }
    if (const auto made = keep_needed_chunks(raw(bytes))) {
      REQUIRE(filtered(text_of(*made)) == text_of(*made));
    }
  }
}
