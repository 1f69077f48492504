// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/image_geometry.hpp"
#include "adapters/image_codec/pixels/raster/pixel_memory.hpp"
#include "adapters/image_codec/probe/orientation.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace stayler::adapters {

/// What the bytes of a pixel are, one a channel.
enum class pixel_kind : std::uint8_t {
  rgb,
  rgba,  ///< not premultiplied; 255 is opaque
  cmyk,  ///< 255 is full ink
};

constexpr std::size_t channels_of(pixel_kind kind) noexcept {
  return kind == pixel_kind::rgb ? 3 : 4;
}

/// Pixels of eight bits a channel, row after row without gaps.
class raster {
 public:
  raster() = default;

  /// Pixels of undefined value. Throws std::bad_alloc.
  raster(extent size, pixel_kind kind)
      : memory_(size.width * size.height * channels_of(kind)), size_(size), kind_(kind) {}

  [[nodiscard]] extent size() const noexcept { return size_; }
  [[nodiscard]] pixel_kind kind() const noexcept { return kind_; }
  [[nodiscard]] std::size_t channels() const noexcept { return channels_of(kind_); }
  [[nodiscard]] std::size_t row_bytes() const noexcept { return size_.width * channels(); }

  [[nodiscard]] std::span<std::uint8_t> row(std::size_t y) noexcept {
    return {memory_.data() + y * row_bytes(), row_bytes()};
  }
  [[nodiscard]] std::span<const std::uint8_t> row(std::size_t y) const noexcept {
    return {memory_.data() + y * row_bytes(), row_bytes()};
  }

  /// All bytes of all pixels.
  [[nodiscard]] std::span<std::uint8_t> bytes() noexcept {
    return {memory_.data(), row_bytes() * size_.height};
  }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
    return {memory_.data(), row_bytes() * size_.height};
  }

 private:
  pixel_memory memory_;
  extent size_;
  pixel_kind kind_ = pixel_kind::rgb;
};

/// The picture turned upright.
raster turned_upright(raster source, orientation lies);

/// The part of that extent in the picture's middle.
raster cropped_to_middle(raster source, extent part);

/// The picture with its upper left corner at that place of a canvas, which is see-through where the
/// picture is not. RGB and RGBA; gives RGBA.
raster on_canvas(const raster& source, extent canvas, std::size_t left, std::size_t top);

/// True where no pixel lets anything through.
bool is_opaque(const raster& picture) noexcept;

/// RGB of a picture of RGBA before a white wall, blended as browsers do.
raster on_white(const raster& source);

/// RGB of a picture of RGBA without its alpha.
raster without_alpha(const raster& source);

}  // namespace stayler::adapters
