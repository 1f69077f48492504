// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/decoded_picture.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// What the numbers of a PNG file mean: by cICP, else iCCP, else sRGB, else gAMA and cHRM. The
/// bytes have passed keep_needed_chunks. invalid_input.
result<colour_meaning> read_png_colours(std::span<const std::byte> bytes);

/// The pixels of such a file, eight bits a channel, with alpha where it has transparency. All rows
/// have to be there. invalid_input.
result<decoded_picture> decode_png(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
