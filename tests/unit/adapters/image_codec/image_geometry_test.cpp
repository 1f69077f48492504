// SPDX-License-Identifier: MIT
#include "adapters/image_codec/image_geometry.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::adapters;

namespace {

using fit = image_operation::fit_mode;

image_operation resize_to(std::uint32_t width, std::uint32_t height, fit mode = fit::contain) {
  image_operation operation;
  operation.what = image_operation::kind::resize;
  operation.width = width;
  operation.height = height;
  operation.fit = mode;
  return operation;
}

}  // namespace

TEST_CASE("a picture shrinks into its box and keeps its shape") {
  CHECK(contain({4000, 3000}, 512) == extent{512, 384});
  CHECK(contain({3000, 4000}, 512) == extent{384, 512});
  CHECK(contain({4000, 3000}, extent{0, 300}) == extent{400, 300});
  CHECK(contain({16000, 1}, 512) == extent{512, 1});
}

TEST_CASE("no side ever grows") {
  CHECK(contain({100, 50}, 512) == extent{100, 50});
  for (const fit mode : {fit::contain, fit::cover, fit::fill}) {
    const auto plan = plan_resize({100, 50}, resize_to(1000, 20, mode));
    CHECK(plan.cropped.width <= 100);
    CHECK(plan.cropped.height <= 50);
  }
}

TEST_CASE("cover fills the box and cuts off the rest, fill gives up the shape") {
  const auto covered = plan_resize({400, 200}, resize_to(100, 100, fit::cover));
  CHECK(covered.scaled == extent{200, 100});
  CHECK(covered.cropped == extent{100, 100});
  const auto filled = plan_resize({400, 200}, resize_to(100, 100, fit::fill));
  CHECK(filled.scaled == extent{100, 100});
  CHECK(filled.cropped == extent{100, 100});
}

TEST_CASE("a resize decodes enough, whatever side is up") {
  for (const fit mode : {fit::contain, fit::cover, fit::fill}) {
    for (const auto& [width, height] : {std::pair{500U, 100U}, {100U, 500U}, {500U, 0U}}) {
      const auto needed = extent_needed({4000, 3000}, {resize_to(width, height, mode)});
      const auto upright = plan_resize({4000, 3000}, resize_to(width, height, mode)).scaled;
      const auto turned = plan_resize({3000, 4000}, resize_to(width, height, mode)).scaled;
      CHECK(needed.width >= std::max(upright.width, turned.height));
      CHECK(needed.height >= std::max(upright.height, turned.width));
    }
  }
  CHECK(extent_needed({4000, 3000}, {}) == extent{4000, 3000});
}

TEST_CASE("an operation that cannot be carried out is refused with what is allowed") {
  const auto refused = check_operations({resize_to(0, 0)});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
  CHECK(
      refused.error().message
      == "resize: width and height are 0; allowed: at least one of them above 0"
  );
  CHECK(check_operations({resize_to(1, 0)}));
}
