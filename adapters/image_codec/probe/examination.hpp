// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/codec_limits.hpp"
#include "adapters/image_codec/probe/image_header.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// All that can be known about a picture without decoding it: what it is, that it keeps to the
/// limits, that its structure is whole as far as that is told outside of its pixels, and that
/// decoding it costs no more than it should. Runs in the service itself, on bytes of anybody.
/// invalid_input, with what was found and what is allowed.
result<image_header> examine(std::span<const std::byte> bytes, const codec_limits& limits);

}  // namespace stayler::adapters
