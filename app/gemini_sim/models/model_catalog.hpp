// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::sim {

struct pixel_size {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  friend bool operator==(const pixel_size&, const pixel_size&) = default;
};

/// An aspect ratio that can be asked for, and the picture that 1K makes of it.
struct aspect_ratio {
  std::string_view name;
  pixel_size at_1k;
  bool extreme;  ///< only some models draw strips as long as 1:4 or 8:1
};

/// An image size that can be asked for.
struct image_size {
  std::string_view name;
  std::uint32_t scale;           ///< times the sides at 1K
  std::uint32_t picture_tokens;  ///< what such a picture counts as
};

/// What one model can do.
struct model {
  std::string name;
  std::string display_name;
  std::uint32_t input_token_limit = 131'072;
  std::uint32_t output_token_limit = 32'768;
  bool draws_extremes = false;
  std::vector<image_size> sizes{};  ///< empty: a model without picture output
  std::uint32_t max_images = 14;
  std::uint32_t thought_tokens = 0;  ///< when nothing is said about thinking

  [[nodiscard]] bool makes_pictures() const noexcept { return !sizes.empty(); }
  [[nodiscard]] const image_size* find_size(std::string_view size_name) const noexcept;
  [[nodiscard]] const aspect_ratio* find_ratio(std::string_view ratio_name) const noexcept;

  /// The ratio that this model draws and that is nearest to that picture's.
  [[nodiscard]] const aspect_ratio& nearest_ratio(pixel_size picture) const noexcept;

  /// The names of the ratios, for error messages.
  [[nodiscard]] std::string ratio_names() const;
};

/// The models that live, and those that were configured beside them.
class model_catalog {
 public:
  /// Each extra name behaves as the current image model does.
  explicit model_catalog(const std::vector<std::string>& extra_names);

  [[nodiscard]] const model* find(std::string_view name) const noexcept;
  [[nodiscard]] std::span<const model> all() const noexcept { return models_; }

 private:
  std::vector<model> models_;
};

}  // namespace stayler::sim
