// SPDX-License-Identifier: MIT
#include "app/codec/warm_up.hpp"

#include "app/codec/warm_up_pictures.hpp"

#include <charconv>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stayler::app {

namespace {

shared_bytes bytes_of_hex(std::string_view hex) {
  std::vector<std::byte> bytes;
  bytes.reserve(hex.size() / 2);
  for (; hex.size() >= 2; hex.remove_prefix(2)) {
    std::uint8_t value = 0;
    std::from_chars(hex.data(), hex.data() + 2, value, 16);
    bytes.push_back(std::byte{value});
  }
  return std::make_shared<const std::vector<std::byte>>(std::move(bytes));
}

/// Through all the functions that read: each may take another way.
void_result read(adapters::image_codec& codec, const shared_bytes& picture) {
  if (auto prepared = codec.prepare(picture); !prepared) {
    return std::move(prepared).error();
  }
  if (auto sanitized = codec.sanitize(picture); !sanitized) {
    return std::move(sanitized).error();
  }
  return ok();
}

image_operation convert_to(image_format format) {
  image_operation convert;
  convert.what = image_operation::kind::convert;
  convert.format = format;
  return convert;
}

/// Encodes the picture in that format, and reads that again.
void_result write_and_read(
    adapters::image_codec& codec, const shared_bytes& picture, image_format format
) {
  image_operation halve;
  halve.what = image_operation::kind::resize;
  halve.width = 8;
  const auto made = codec.transform(picture, {halve, convert_to(format)});
  return made ? read(codec, made->picture.bytes) : made.error();
}

}  // namespace

void_result warm_up(adapters::image_codec& codec) {
  const auto pictures = warm_up_pictures();
  const shared_bytes png = bytes_of_hex(pictures.front().hex);
  for (const auto format : {image_format::png, image_format::jpeg, image_format::webp}) {
    if (auto done = write_and_read(codec, png, format); !done) {
      done.error().kind = error_class::unavailable;
      done.error().message.insert(
          0, "the codec fails on " + std::string{mime_type_of(format)} + ": "
      );
      return done;
    }
  }
  for (const auto& [format, hex] : pictures) {
    // A format that there is no decoder for is refused when it comes.
    [[maybe_unused]] const auto done = read(codec, bytes_of_hex(hex));
  }
  return ok();
}

}  // namespace stayler::app
