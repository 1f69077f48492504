// SPDX-License-Identifier: MIT
#include "adapters/image_codec/image_geometry.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::adapters {

namespace {

constexpr std::uint32_t best_quality = 100;

double ratio(std::size_t wanted, std::size_t side) {
  return static_cast<double>(wanted) / static_cast<double>(side);
}

extent scale(extent source, double factor) {
  const auto scaled = [factor](std::size_t side) {
    const auto rounded = std::llround(static_cast<double>(side) * factor);
    return std::max<std::size_t>(1, static_cast<std::size_t>(rounded));
  };
  return {scaled(source.width), scaled(source.height)};
}

/// What is wrong with an operation; null where nothing is.
const char* problem_of(const image_operation& operation) {
  switch (operation.what) {
    case image_operation::kind::resize:
      return operation.width == 0 && operation.height == 0
                 ? "resize: width and height are 0; allowed: at least one of them above 0"
                 : nullptr;
    case image_operation::kind::thumbnail:
      return operation.size == 0 ? "thumbnail: size is 0; allowed: above 0" : nullptr;
    case image_operation::kind::convert:
      return operation.quality > best_quality
                 ? "convert: quality is above 100; allowed: 1 to 100, or 0 for the default"
                 : nullptr;
    case image_operation::kind::strip:
      break;
  }
  return nullptr;
}

}  // namespace

extent contain(extent source, extent box) {
  double factor = 1.0;
  if (box.width != 0) {
    factor = std::min(factor, ratio(box.width, source.width));
  }
  if (box.height != 0) {
    factor = std::min(factor, ratio(box.height, source.height));
  }
  return scale(source, factor);
}

resize_plan plan_resize(extent source, const image_operation& operation) {
  const extent box{operation.width, operation.height};
  const bool is_one_sided = box.width == 0 || box.height == 0;
  if (is_one_sided || operation.fit == image_operation::fit_mode::contain) {
    const extent target = contain(source, box);
    return {target, target};
  }
  const extent target{std::min(box.width, source.width), std::min(box.height, source.height)};
  if (operation.fit == image_operation::fit_mode::fill) {
    return {target, target};
  }
  const double factor =
      std::max(ratio(target.width, source.width), ratio(target.height, source.height));
  return {scale(source, factor), target};
}

extent extent_needed(extent source, const std::vector<image_operation>& operations) {
  if (operations.empty() || operations.front().what != image_operation::kind::resize) {
    return source;
  }
  const std::size_t wanted = std::max(operations.front().width, operations.front().height);
  return scale(source, std::min(1.0, ratio(wanted, std::min(source.width, source.height))));
}

void_result check_operations(const std::vector<image_operation>& operations) {
  for (const image_operation& operation : operations) {
    if (const char* problem = problem_of(operation)) {
      return failure{error_class::invalid_input, problem, {}};
    }
  }
  return ok();
}

}  // namespace stayler::adapters
