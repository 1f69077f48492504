// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <span>

namespace stayler::adapters {

/// Checks, without decoding, what decoders are lenient about: that the data runs to its end
/// marker, and that it holds one still picture, with no more scans than a decoder can be asked to
/// go through. `info` is what read_image_info made of the same bytes. invalid_input.
void_result check_structure(std::span<const std::byte> bytes, const image_info& info);

}  // namespace stayler::adapters
