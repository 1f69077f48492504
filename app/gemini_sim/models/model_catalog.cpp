// SPDX-License-Identifier: MIT
#include "app/gemini_sim/models/model_catalog.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace stayler::sim {

namespace {

constexpr std::array<aspect_ratio, 14> ratios{{
    {"1:1", {1024, 1024}, false},
    {"1:4", {512, 2048}, true},
    {"1:8", {384, 3072}, true},
    {"2:3", {848, 1264}, false},
    {"3:2", {1264, 848}, false},
    {"3:4", {896, 1200}, false},
    {"4:1", {2048, 512}, true},
    {"4:3", {1200, 896}, false},
    {"4:5", {928, 1152}, false},
    {"5:4", {1152, 928}, false},
    {"8:1", {3072, 384}, true},
    {"9:16", {768, 1376}, false},
    {"16:9", {1376, 768}, false},
    {"21:9", {1584, 672}, false},
}};

model current_image_model(std::string name, std::string display_name) {
  model made{std::move(name), std::move(display_name)};
  made.draws_extremes = true;
  made.sizes = {{"1K", 1, 1120}, {"2K", 2, 1680}, {"4K", 4, 3780}};
  made.thought_tokens = 180;
  return made;
}

model pro_image_model() {
  model made{"gemini-3-pro-image", "Nano Banana Pro"};
  made.sizes = {{"1K", 1, 1120}, {"2K", 2, 1120}, {"4K", 4, 2000}};
  made.thought_tokens = 320;
  return made;
}

model lite_image_model() {
  model made{"gemini-3.1-flash-lite-image", "Nano Banana 2 Lite", 65'536, 4'096};
  made.sizes = {{"1K", 1, 1120}};
  return made;
}

model text_model(std::string name, std::string display_name) {
  return {std::move(name), std::move(display_name), 1'048'576, 65'536};
}

double shape_of(pixel_size size) {
  return std::log(static_cast<double>(size.width) / static_cast<double>(size.height));
}

}  // namespace

const image_size* model::find_size(std::string_view size_name) const noexcept {
  const auto found = std::ranges::find(sizes, size_name, &image_size::name);
  return found == sizes.end() ? nullptr : &*found;
}

const aspect_ratio* model::find_ratio(std::string_view ratio_name) const noexcept {
  const auto* found = std::ranges::find(ratios, ratio_name, &aspect_ratio::name);
  return found == ratios.end() || (found->extreme && !draws_extremes) ? nullptr : found;
}

const aspect_ratio& model::nearest_ratio(pixel_size picture) const noexcept {
  const aspect_ratio* nearest = ratios.data();
  const auto distance = [&](const aspect_ratio& ratio) {
    return std::abs(shape_of(ratio.at_1k) - shape_of(picture));
  };
  for (const auto& ratio : ratios) {
    if ((draws_extremes || !ratio.extreme) && distance(ratio) < distance(*nearest)) {
      nearest = &ratio;
    }
  }
  return *nearest;
}

std::string model::ratio_names() const {
  std::string names;
  for (const auto& ratio : ratios) {
    if (draws_extremes || !ratio.extreme) {
      names += (names.empty() ? "" : ", ") + std::string{ratio.name};
    }
  }
  return names;
}

model_catalog::model_catalog(const std::vector<std::string>& extra_names) {
  models_ = {
      current_image_model("gemini-nano-banana-2.1", "Nano Banana 2.1"), pro_image_model(),
      lite_image_model(), text_model("gemini-3.8-flash", "Gemini 3.8 Flash"),
      text_model("gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite")};
  for (const auto& name : extra_names) {
    if (find(name) == nullptr) {
      models_.push_back(current_image_model(name, name));
    }
  }
}

const model* model_catalog::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(models_, name, &model::name);
  return found == models_.end() ? nullptr : &*found;
}

}  // namespace stayler::sim
