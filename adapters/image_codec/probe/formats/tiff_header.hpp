// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/image_header.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// Reads the first page of a TIFF file: strips of 1 to 4 samples of 8 or 16 bits, or one of 1, 2 or
/// 4 bits; not compressed, or by LZW, Deflate, PackBits or JPEG. invalid_input for all else, for
/// raw files of cameras, which are TIFF files with pixels of their own kind, and for strips that do
/// not lie in the file.
result<image_header> read_tiff(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
