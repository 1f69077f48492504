// SPDX-License-Identifier: MIT
// A flood fill from the four corners, on plain bytes: ImageMagick's own differs between its
// versions 6 and 7 and costs ten times as much.
#include "app/gemini_sim/pictures/cutout.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace stayler::sim {

namespace {

class filler {
 public:
  filler(raster& picture, int tolerance) : picture_(picture), tolerance_(tolerance) {
    is_background_.resize(picture.width * picture.height);
  }

  void fill_from(std::size_t seed) {
    std::copy_n(&picture_.rgba[4 * seed], 4, colour_.begin());
    visit(seed);
    while (!open_.empty()) {
      const std::size_t at = open_.back();
      open_.pop_back();
      const std::size_t x = at % picture_.width;
      if (x > 0) {
        visit(at - 1);
      }
      if (x + 1 < picture_.width) {
        visit(at + 1);
      }
      if (at >= picture_.width) {
        visit(at - picture_.width);
      }
      if (at + picture_.width < is_background_.size()) {
        visit(at + picture_.width);
      }
    }
  }

  /// Clears the background, and fades what borders on it, so that no bright rim stays.
  area finish() {
    std::size_t left = picture_.width;
    std::size_t right = 0;
    std::size_t top = picture_.height;
    std::size_t bottom = 0;
    for (std::size_t at = 0; at < is_background_.size(); ++at) {
      auto& alpha = picture_.rgba[4 * at + 3];
      if (is_background_[at]) {
        alpha = 0;
        continue;
      }
      if (borders_on_background(at)) {
        alpha /= 2;
      }
      left = std::min(left, at % picture_.width);
      right = std::max(right, at % picture_.width);
      top = std::min(top, at / picture_.width);
      bottom = at / picture_.width;
    }
    if (left > right) {
      return {0, 0, picture_.width, picture_.height};
    }
    return {left, top, right - left + 1, bottom - top + 1};
  }

 private:
  void visit(std::size_t at) {
    if (is_background_[at]) {
      return;
    }
    const std::uint8_t* pixel = &picture_.rgba[4 * at];
    const bool is_transparent = pixel[3] < 16;
    for (std::size_t i = 0; i < 3 && !is_transparent; ++i) {
      if (std::abs(pixel[i] - colour_[i]) > tolerance_) {
        return;
      }
    }
    is_background_[at] = true;
    open_.push_back(at);
  }

  [[nodiscard]] bool borders_on_background(std::size_t at) const {
    const std::size_t x = at % picture_.width;
    return (x > 0 && is_background_[at - 1]) || (x + 1 < picture_.width && is_background_[at + 1])
           || (at >= picture_.width && is_background_[at - picture_.width])
           || (at + picture_.width < is_background_.size() && is_background_[at + picture_.width]);
  }

  raster& picture_;
  int tolerance_;
  std::array<std::uint8_t, 4> colour_{};
  std::vector<bool> is_background_;
  std::vector<std::size_t> open_;
};

}  // namespace

area cut_out(raster& picture, int tolerance) {
  if (picture.width == 0 || picture.height == 0) {
    return {};
  }
  const std::size_t last = picture.width * picture.height - 1;
  filler fill{picture, tolerance};
  for (const std::size_t corner :
       {std::size_t{0}, picture.width - 1, last - picture.width + 1, last}) {
    fill.fill_from(corner);
  }
  return fill.finish();
}

}  // namespace stayler::sim
