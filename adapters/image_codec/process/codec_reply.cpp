// SPDX-License-Identifier: MIT
#include "adapters/image_codec/process/codec_reply.hpp"

#include "adapters/image_codec/probe/image_probe.hpp"
#include "adapters/image_codec/process/answer_text.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

/// A copy of the picture, if its header says of it what the answer does.
std::optional<encoded_image> copy_picture(
    const wire_picture& claimed, std::span<const std::byte> output
) {
  const bool is_inside =
      claimed.offset <= output.size() && claimed.bytes <= output.size() - claimed.offset;
  if (claimed.bytes == 0 || !is_inside) {
    return std::nullopt;
  }
  const auto there = output.subspan(claimed.offset, claimed.bytes);
  auto bytes = std::make_shared<const std::vector<std::byte>>(there.begin(), there.end());
  const auto found = read_image_info(*bytes);
  if (!found || static_cast<std::uint32_t>(found->format) != claimed.format
      || found->width != claimed.width || found->height != claimed.height) {
    return std::nullopt;
  }
  return encoded_image{std::move(bytes), *found};
}

std::optional<result<codec_reply>> read_pictures(
    const codec_answer& answer, codec_operation operation, std::span<const std::byte> output
) {
  auto picture = copy_picture(answer.picture, output);
  if (!picture) {
    return std::nullopt;
  }
  codec_reply reply{std::move(*picture), {}, answer.signature};
  if (operation != codec_operation::prepare) {
    auto thumbnail = copy_picture(answer.thumbnail, output);
    if (!thumbnail) {
      return std::nullopt;
    }
    reply.thumbnail = std::move(*thumbnail);
  }
  return {std::move(reply)};
}

/// The classes of error that an engine has.
std::optional<error_class> read_error(std::uint32_t number) {
  for (const auto kind :
       {error_class::invalid_input, error_class::no_image, error_class::unavailable,
        error_class::internal_bug}) {
    if (number == static_cast<std::uint32_t>(kind)) {
      return kind;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<result<codec_reply>> read_answer(
    const codec_answer& answer, const codec_call& call, std::span<const std::byte> output
) {
  switch (answer.outcome) {
    case codec_answer::is_done:
      return read_pictures(answer, call.operation, output);
    case codec_answer::is_out_of_memory:
      return failure{
          error_class::invalid_input,
          "the picture could not be decoded: it needs more than 1 GiB of memory",
          {}};
    case codec_answer::is_refused:
      if (const auto kind = read_error(answer.error)) {
        return failure{*kind, text_of(answer), {}};
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace stayler::adapters
