// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/image_codec.hpp"
#include "adapters/image_codec/process/wire/codec_wire.hpp"

#include <cstddef>
#include <span>

namespace stayler::app {

/// Answers one call by the codec. The pictures of the answer are written to `output`; where they do
/// not fit the answer is a refusal. Whatever is thrown becomes an answer, too.
adapters::codec_answer answer_call(
    const adapters::codec_call& call,
    adapters::image_codec& codec,
    std::span<const std::byte> input,
    std::span<std::byte> output
);

/// Answers calls from the socket until the other side ends.
void serve_calls(
    int socket,
    adapters::image_codec& codec,
    std::span<const std::byte> input,
    std::span<std::byte> output
);

}  // namespace stayler::app
