// SPDX-License-Identifier: MIT

// What is known of images without asking, and for how long.

#include "http/api/pictures/known_images.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace stayler;
using namespace std::chrono_literals;
using http::known_images;

namespace {

constexpr known_images::time_point noon{1'000h};
const image_owner anns{"ann", "user"};

}  // namespace

TEST_CASE("an image is known for a short time after it was looked up", "[known_images]") {
  known_images known{5s, 10};
  known.put("i1", anns, noon);
  REQUIRE(known.find("i1", noon + 4'999ms) != nullptr);
  CHECK(*known.find("i1", noon) == anns);
  CHECK(known.find("i1", noon + 5s) == nullptr);
  CHECK(known.find("i2", noon) == nullptr);
  known.put("i1", {"bob", "vendor"}, noon + 5s);
  CHECK(*known.find("i1", noon + 9s) == image_owner{"bob", "vendor"});
}

TEST_CASE("an image that was removed is not known any more", "[known_images]") {
  known_images known;
  known.put("i1", anns, noon);
  known.remove("i1");
  known.remove("i2");
  CHECK(known.find("i1", noon) == nullptr);
  CHECK(known.size() == 0);
}

TEST_CASE(
    "of too many images the oldest is forgotten, and what is too old first", "[known_images]"
) {
  known_images known{5s, 3};
  for (const std::string id : {"a", "b", "c"}) {
    known.put(id, anns, noon);
  }
  known.put("a", anns, noon + 1s);
  known.put("d", anns, noon + 2s);
  CHECK(known.find("b", noon + 2s) == nullptr);
  CHECK(known.find("a", noon + 2s) != nullptr);
  CHECK(known.size() == 3);
  known.put("e", anns, noon + 6s);
  CHECK(known.size() == 2);
  CHECK(known.find("d", noon + 6s) != nullptr);
}
