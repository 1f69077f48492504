// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/process/wire/codec_wire.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace stayler::adapters {

/// What a codec process has made of a picture, copied out of its reach.
struct codec_reply {
  encoded_image picture;
  encoded_image thumbnail;    ///< without bytes where there is none
  image_signature signature;  ///< of a prepared picture
};

/// Reads an answer whose pictures lie in `output`: the reply, or why the picture is refused. The
/// process may have been taken over by a picture and may write to the output meanwhile, so all is
/// copied before it is looked at. Nothing where the answer is none that the engine gives to such a
/// call: lengths, places, what a picture's own header says, or a class of error.
std::optional<result<codec_reply>> read_answer(
    const codec_answer& answer, const codec_call& call, std::span<const std::byte> output
);

}  // namespace stayler::adapters
