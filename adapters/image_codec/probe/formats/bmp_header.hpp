// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/image_header.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// Reads a BMP file with any of the headers from OS/2's to version 5, rows from the bottom or from
/// the top. invalid_input for JPEG or PNG inside of it, and where the pixels are not all there.
result<image_header> read_bmp(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
