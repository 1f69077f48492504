// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/byte_view.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_segments.hpp"

namespace stayler::adapters {

/// Whether a segment of Huffman or quantization tables, or of a restart interval, is filled by
/// these to its end. True of every other segment.
bool has_sound_tables(byte_view bytes, const jpeg_segment& segment) noexcept;

}  // namespace stayler::adapters
