// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/embedded_profile.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace stayler::adapters {

/// Where the first frame of an animation lies on its canvas.
struct webp_frame {
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

/// What a WebP file tells about its picture.
struct webp_facts {
  std::uint32_t width = 0;  ///< of the canvas, where the file is extended
  std::uint32_t height = 0;
  bool is_animated = false;
  webp_frame first_frame;              ///< all of it, where the picture is still
  std::span<const std::byte> exif;     ///< to be read by read_exif; may be empty
  std::span<const std::byte> profile;  ///< ICC, as it stands; may be empty
};

/// Reads a WebP file (RFC 9649): simple or extended, still or animated. invalid_input for a header
/// that is damaged, and for a file that ends before its picture's data begins.
result<webp_facts> read_webp(std::span<const std::byte> bytes);

/// Whether the file is as long as it says, with the data of a picture or of a first frame in it.
/// invalid_input.
void_result check_webp(std::span<const std::byte> bytes);

/// The same still picture without EXIF, XMP and unknown chunks, without what stands behind its end
/// and, if asked for, without its colour profile; flags and length are put right. A picture that
/// has been cut stays the same when it is cut again. It has passed check_webp.
std::vector<std::byte> cut_webp_metadata(
    std::span<const std::byte> bytes, embedded_profile profile
);

}  // namespace stayler::adapters
