// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/decoded_picture.hpp"
#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// The pixels of the primary picture of a HEIC, HEIF or AVIF file, eight bits a channel, with alpha
/// where it has some. They are upright: the format's own turning and cropping is applied, and what
/// EXIF says counts for nothing. All tiles have to be there and sound. invalid_input; unavailable
/// where this machine has no decoder for that format.
/// `longest_side` bounds the file's declared sides.
result<decoded_picture> decode_heif(
    std::span<const std::byte> bytes, image_format format, std::size_t longest_side
);

/// Whether this machine has a decoder for heic or avif.
bool has_heif_decoder(image_format format);

}  // namespace stayler::adapters
