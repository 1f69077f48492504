// SPDX-License-Identifier: MIT

// GIF 89a, as far as its first frame.
#include "adapters/image_codec/probe/formats/gif_header.hpp"

#include "adapters/image_codec/probe/byte_view.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

#include <algorithm>
#include <optional>

namespace stayler::adapters {

namespace {

constexpr std::size_t screen_end = 13;
constexpr std::size_t frame_header_end = 10;  // of an image descriptor, with its introducer

constexpr std::uint8_t extension = 0x21;
constexpr std::uint8_t image_descriptor = 0x2C;

/// Bytes of the colour table that these flags announce.
std::size_t colour_table_bytes(std::uint8_t flags) noexcept {
  return (flags & 0x80U) != 0 ? std::size_t{3} << ((flags & 7U) + 1) : 0;
}

/// Behind the empty block that ends a row of blocks, or nothing where the file ends first.
std::optional<std::size_t> behind_blocks(byte_view view, std::size_t position) noexcept {
  while (view.has(position, 1)) {
    const std::size_t length = view.u8(position++);
    if (length == 0) {
      return position;
    }
    position += length;
  }
  return std::nullopt;
}

/// The offset of the first image descriptor, or nothing where there is none.
std::optional<std::size_t> find_frame(byte_view view) noexcept {
  std::optional<std::size_t> position = screen_end + colour_table_bytes(view.u8(10));
  while (position && view.u8(*position) == extension) {
    position = behind_blocks(view, *position + 2);
  }
  return position && view.u8(*position) == image_descriptor ? position : std::nullopt;
}

}  // namespace

result<image_header> read_gif(std::span<const std::byte> bytes) {
  const byte_view view{bytes};
  const auto frame = find_frame(view);
  if (!frame) {
    return view.has(0, screen_end) ? refusal("the GIF picture has no frame")
                                   : cut_off_refusal("GIF", bytes.size());
  }
  const auto side = [&](std::size_t screen, std::size_t offset, std::size_t extent) {
    const std::uint32_t frame_end =
        view.little(*frame + offset, 2) + view.little(*frame + extent, 2);
    return std::max(view.little(screen, 2), frame_end);
  };
  const std::uint32_t width = side(6, 1, 5);
  const std::uint32_t height = side(8, 3, 7);
  if (view.little(*frame + 5, 2) == 0 || view.little(*frame + 7, 2) == 0) {
    return empty_picture_refusal(view.little(*frame + 5, 2), view.little(*frame + 7, 2));
  }
  // A byte with the size of codes, then the data.
  const std::size_t data =
      *frame + frame_header_end + colour_table_bytes(view.u8(*frame + frame_header_end - 1)) + 1;
  const auto end = behind_blocks(view, data);
  if (!end) {
    return cut_off_refusal("GIF", bytes.size());
  }
  auto header = header_of(image_format::gif, width, height);
  const std::uint8_t next = view.u8(*end);
  header.is_animated = next == extension || next == image_descriptor;
  return header;
}

}  // namespace stayler::adapters
