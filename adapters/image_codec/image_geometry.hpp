// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/jobs/job.hpp"

#include <cstddef>
#include <vector>

namespace stayler::adapters {

/// Width and height in pixels.
struct extent {
  std::size_t width = 0;
  std::size_t height = 0;

  friend bool operator==(const extent&, const extent&) = default;
};

/// The largest extent of the source's shape within the box, never larger than the source. A side
/// of 0 does not bound.
extent contain(extent source, extent box);

/// The same with a square box.
inline extent contain(extent source, std::size_t side) {
  return contain(source, extent{side, side});
}

/// A resize as two steps; the second takes the middle.
struct resize_plan {
  extent scaled;
  extent cropped;  ///< equal to `scaled` where nothing is cut off
};

/// What a resize operation does to a picture of that extent. No side ever grows.
resize_plan plan_resize(extent source, const image_operation& operation);

/// How much of the source's pixels the operations need: what the first one leaves, or more,
/// whatever way the picture is turned.
extent extent_needed(extent source, const std::vector<image_operation>& operations);

/// Whether the operations can be carried out. invalid_input, naming what is allowed.
void_result check_operations(const std::vector<image_operation>& operations);

}  // namespace stayler::adapters
