// SPDX-License-Identifier: MIT
#include "adapters/image_codec/image_check.hpp"

#include "tests/support/catch.hpp"

#include <functional>
#include <random>
#include <string>

using namespace stayler;
using namespace stayler::adapters;

namespace {

constexpr std::size_t side = image_signature::side;

using pixel = std::array<std::uint8_t, 3>;

/// A signature from red, green and blue at each cell.
image_signature drawn(const std::function<pixel(std::size_t x, std::size_t y)>& colour) {
  std::array<std::uint8_t, 3 * side * side> rgb{};
  for (std::size_t i = 0; i < side * side; ++i) {
    const pixel at = colour(i % side, i / side);
    std::copy(at.begin(), at.end(), rgb.begin() + static_cast<std::ptrdiff_t>(3 * i));
  }
  return make_signature(rgb);
}

std::uint8_t level(std::size_t value) {
  return static_cast<std::uint8_t>(value);
}

pixel landscape(std::size_t x, std::size_t y) {
  return {level(40 + 10 * x), level(30 + 12 * y), level(200 - 5 * x)};
}

image_signature flat(std::uint8_t value) {
  return drawn([value](std::size_t, std::size_t) { return pixel{value, value, value}; });
}

void check_refused(const void_result& answer, const std::string& reason) {
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == error_class::no_image);
  CHECK(answer.error().message == "the provider's picture " + reason);
}

image_info sized(std::uint32_t width, std::uint32_t height) {
  return {image_format::jpeg, width, height};
}

}  // namespace

TEST_CASE("a signature tells brightness and colour") {
  const auto red = drawn([](std::size_t, std::size_t) { return pixel{255, 0, 0}; });
  CHECK(red.cells.front() == pixel{76, 85, 255});
  CHECK(flat(200).cells.back() == pixel{200, 128, 128});
}

TEST_CASE("the models' own sizes pass, from the squarest to the longest") {
  for (const auto& [width, height] :
       {std::pair{1024U, 1024U}, {896U, 1200U}, {384U, 3072U}, {3072U, 384U}, {4096U, 4096U}}) {
    CHECK(check_size(sized(width, height), 256));
  }
  // What is asked for as 1:8 may come a little longer.
  CHECK(check_size(sized(360, 3'072), 256));
}

TEST_CASE("small pictures and strips are refused, with their size") {
  CHECK(check_size(sized(256, 256), 256));
  check_refused(
      check_size(sized(1'024, 255), 256),
      "is too small: 1024 x 255 pixels; expected: at least 256 a side"
  );
  check_refused(
      check_size(sized(2'700, 300), 256),
      "is a strip of 2700 x 300 pixels; expected: at most 1:8 or 8:1"
  );
  check_refused(
      check_size(sized(256, 16'000), 256),
      "is a strip of 256 x 16000 pixels; expected: at most 1:8 or 8:1"
  );
  CHECK_FALSE(check_size(sized(0, 0), 256));
}

TEST_CASE("one flat colour is refused, whatever it is and however it was encoded") {
  std::minstd_rand chance{1};
  for (const std::size_t value : {0U, 17U, 128U, 255U}) {
    check_refused(check_content(flat(level(value)), {}), "is one flat colour");
  }
  const auto noisy = drawn([&](std::size_t, std::size_t) {
    return pixel{level(100 + chance() % 3), level(100 + chance() % 3), level(100 + chance() % 3)};
  });
  check_refused(check_content(noisy, {}), "is one flat colour");
  const auto watermarked = drawn([](std::size_t x, std::size_t y) {
    return x + y == 2 * side - 2 ? pixel{120, 120, 120} : pixel{100, 100, 100};
  });
  check_refused(check_content(watermarked, {}), "is one flat colour");
}

TEST_CASE("pale and dark pictures are no flat colour") {
  const auto pale = drawn([](std::size_t x, std::size_t y) {
    const bool is_face = x >= 6 && x < 10 && y >= 2 && y < 6;
    return is_face ? pixel{225, 190, 170} : pixel{250, 250, 248};
  });
  CHECK(check_content(pale, {}));
  const auto dark = drawn([](std::size_t x, std::size_t) {
    return pixel{level(x), level(x), level(x)};
  });
  CHECK(check_content(dark, {}));
  // The same brightness all over: only the colour differs.
  const auto colourful = drawn([](std::size_t x, std::size_t) {
    return x < side / 2 ? pixel{100, 100, 100} : pixel{140, 90, 50};
  });
  CHECK(check_content(colourful, {}));
}

TEST_CASE("a picture is not different from itself, black and white are as far apart as can be") {
  CHECK(difference_of(drawn(landscape), drawn(landscape)) == 0);
  CHECK(difference_of(flat(0), flat(255)) == Approx(255.0 / 3));
}

TEST_CASE("an input that comes back is refused, though encoding has moved its cells") {
  const auto person = drawn(landscape);
  const auto garment = flat(90);
  std::minstd_rand chance{7};
  const auto again = drawn([&](std::size_t x, std::size_t y) {
    pixel moved = landscape(x, y);
    for (auto& value : moved) {
      value = level(value + chance() % 3 - 1U);
    }
    return moved;
  });
  check_refused(check_content(again, {person, garment}), "is input picture 1 again");
  check_refused(check_content(again, {garment, person}), "is input picture 2 again");
  CHECK(check_content(again, {garment}));
  CHECK(check_content(again, {}));
}

TEST_CASE("a change of the torso alone makes another picture, a faint one too") {
  const auto person = drawn(landscape);
  for (const std::size_t change : {10U, 25U, 60U}) {
    const auto dressed = drawn([change](std::size_t x, std::size_t y) {
      pixel cell = landscape(x, y);
      if (x >= 6 && x < 10 && y >= 5 && y < 9) {
        cell[1] = level(cell[1] + change);
      }
      return cell;
    });
    INFO(change << ": " << difference_of(person, dressed));
    CHECK(check_content(dressed, {person}));
  }
}
