// SPDX-License-Identifier: MIT

// Walks the markers of JPEG files (ISO 10918-1, annex B), with the leniency of libjpeg. Every input
// is hostile until shown otherwise: reads are bounded by byte_view, time and memory by the number
// of bytes.
#include "adapters/image_codec/probe/jpeg/jpeg_segments.hpp"

#include "adapters/image_codec/probe/byte_view.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_tables.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace stayler::adapters {

namespace {

// Photographs have up to 400: a profile, or extended XMP, in parts of 64 KiB.
constexpr std::size_t most_segments = 1'000;

// Encoders write about ten. Each scan goes over all coefficients of the picture, so that a few
// kilobytes with thousands of empty scans keep a decoder busy for minutes.
constexpr std::size_t most_scans = 100;

constexpr unsigned most_blocks_in_mcu = 10;

constexpr std::uint8_t tem = 0x01;

bool is_restart(std::uint8_t code) noexcept {
  return code >= 0xD0 && code <= 0xD7;
}

bool is_application_or_comment(std::uint8_t code) noexcept {
  return (code >= jpeg_code::app0 && code <= jpeg_code::app15) || code == jpeg_code::com;
}

bool is_frame_header(std::uint8_t code) noexcept {
  return code >= 0xC0 && code <= 0xCF && code != jpeg_code::dht && code != 0xC8
         && code != jpeg_code::dac;
}

/// What may stand before the first scan, but for SOFn and SOS.
bool is_table_or_other(std::uint8_t code) noexcept {
  switch (code) {
    case jpeg_code::dht:
    case jpeg_code::dac:
    case jpeg_code::dqt:
    case jpeg_code::dnl:
    case jpeg_code::dri:
      return true;
    default:
      return is_application_or_comment(code);
  }
}

/// What is known by name and has no decoder here.
std::optional<failure> unsupported_process(std::uint8_t code) {
  switch (code) {
    case 0xC0:
    case 0xC1:
    case 0xC2:
      return std::nullopt;
    case 0xC3:
      return refusal("this is a lossless JPEG; allowed: baseline and progressive");
    case 0xC5:
    case 0xC6:
    case 0xC7:
      return refusal("this is a hierarchical JPEG; allowed: baseline and progressive");
    default:
      return refusal("this is an arithmetic-coded JPEG; allowed: Huffman coding");
  }
}

/// A marker, or the end of the bytes.
struct found_marker {
  std::uint8_t code = 0;   ///< 0 where the bytes end first
  std::size_t fill = 0;    ///< where its fill bytes begin
  std::size_t behind = 0;  ///< behind its code
};

/// The next marker but for RSTn, from that offset on.
found_marker find_marker(std::span<const std::byte> bytes, std::size_t position) noexcept {
  while (position < bytes.size()) {
    const void* hit = std::memchr(bytes.data() + position, 0xFF, bytes.size() - position);
    if (hit == nullptr) {
      break;
    }
    const auto fill = static_cast<std::size_t>(static_cast<const std::byte*>(hit) - bytes.data());
    position = fill;
    while (position < bytes.size() && bytes[position] == std::byte{0xFF}) {
      ++position;
    }
    if (position == bytes.size()) {
      return {0, fill, position};
    }
    const auto code = static_cast<std::uint8_t>(bytes[position++]);
    if (code != 0 && !is_restart(code)) {
      return {code, fill, position};
    }
  }
  return {0, bytes.size(), bytes.size()};
}

class jpeg_walk {
 public:
  explicit jpeg_walk(std::span<const std::byte> bytes) noexcept : bytes_(bytes), view_(bytes) {}

  result<jpeg_layout> run() {
    if (!view_.says(0, "\xFF\xD8")) {
      return header_refusal("JPEG", "does not begin with SOI");
    }
    auto read = read_header();
    if (read) {
      read = read_scans();
    }
    if (!read) {
      return std::move(read).error();
    }
    if (components_seen_ != all_components()) {
      return cut_off_refusal("JPEG", bytes_.size());
    }
    return std::move(layout_);
  }

 private:
  /// Reads up to the first scan's header.
  void_result read_header() {
    std::size_t position = 2;
    while (layout_.scans == 0) {
      const found_marker marker = find_marker(bytes_, position);
      position = marker.behind;
      if (marker.code == tem) {
        continue;
      }
      if (marker.code == jpeg_code::eoi) {
        return header_refusal("JPEG", has_frame() ? "has no scan" : "has no frame");
      }
      const auto segment = segment_at(marker);
      if (!segment) {
        return header_refusal("JPEG", "is cut off before the picture begins");
      }
      if (auto taken = take_header_segment(*segment); !taken) {
        return taken;
      }
      position = segment->end;
    }
    return ok();
  }

  void_result take_header_segment(const jpeg_segment& segment) {
    if (is_frame_header(segment.code)) {
      if (auto read = read_frame(segment); !read) {
        return read;
      }
    } else if (segment.code == jpeg_code::sos) {
      if (!has_frame()) {
        return header_refusal("JPEG", "has no frame");
      }
      const std::uint32_t components = components_of_scan(segment);
      if (components == 0) {
        return header_refusal("JPEG", "has a damaged scan header");
      }
      layout_.is_multi_scan = layout_.frame.is_progressive || components != all_components();
    } else if (!is_table_or_other(segment.code)) {
      return header_refusal(
          "JPEG", "has an unknown marker, number " + std::to_string(segment.code)
      );
    } else if (!has_sound_tables(view_, segment)) {
      return header_refusal("JPEG", "has damaged tables");
    }
    return add(segment);
  }

  /// Reads on behind the first scan's header, up to what ends the picture.
  void_result read_scans() {
    for (;;) {
      const found_marker marker = find_marker(bytes_, layout_.segments.back().end);
      if (layout_.segments.back().code == jpeg_code::sos) {
        layout_.segments.back().end = marker.fill;
      }
      if (marker.code == jpeg_code::eoi) {
        layout_.has_eoi = true;
        layout_.end = marker.behind;
        return ok();
      }
      const auto segment = segment_at(marker);
      if (!segment || !goes_on_with(*segment)) {
        end_with_last_scan();
        return ok();
      }
      if (auto added = add(*segment); !added) {
        return added;
      }
    }
  }

  void end_with_last_scan() {
    while (layout_.segments.back().code != jpeg_code::sos) {
      layout_.segments.pop_back();
    }
    layout_.end = layout_.segments.back().end;
  }

  /// Whether a segment behind a scan belongs to the picture. A trailer of thousands of bytes holds
  /// many pairs that look like markers, and few that look like whole segments.
  [[nodiscard]] bool goes_on_with(const jpeg_segment& segment) const noexcept {
    switch (segment.code) {
      case jpeg_code::dht:
      case jpeg_code::dqt:
      case jpeg_code::dri:
        return has_sound_tables(view_, segment);
      case jpeg_code::dnl:
        return segment.end - segment.content == 2;
      case jpeg_code::sos:
        return components_of_scan(segment) != 0;
      default:
        return is_application_or_comment(segment.code) && view_.u8(segment.end) == 0xFF
               && view_.u8(segment.end + 1) != 0;
    }
  }

  void_result add(const jpeg_segment& segment) {
    if (layout_.segments.size() == most_segments) {
      return too_many("segments", most_segments);
    }
    layout_.segments.push_back(segment);
    if (segment.code != jpeg_code::sos) {
      return ok();
    }
    if (layout_.scans == most_scans) {
      return too_many("scans", most_scans);
    }
    ++layout_.scans;
    const std::uint32_t components = components_of_scan(segment);
    components_seen_ |= components;
    for (std::size_t i = 0; i < layout_.frame.component_count; ++i) {
      layout_.scanned_blocks += (components >> i & 1U) != 0 ? blocks_of(layout_.frame, i) : 0;
    }
    return ok();
  }

  static failure too_many(std::string_view what, std::size_t allowed) {
    const std::string limit = std::to_string(allowed);
    return refusal(
        "the JPEG picture has more than " + limit + " " + std::string{what} + "; allowed: " + limit
    );
  }

  [[nodiscard]] std::optional<jpeg_segment> segment_at(const found_marker& marker) const noexcept {
    const std::size_t length = view_.big(marker.behind, 2);
    if (marker.code == 0 || length < 2 || !view_.has(marker.behind, length)) {
      return std::nullopt;
    }
    return jpeg_segment{marker.code, marker.behind - 2, marker.behind + 2, marker.behind + length};
  }

  [[nodiscard]] bool has_frame() const noexcept { return layout_.frame.component_count != 0; }

  [[nodiscard]] std::uint32_t all_components() const noexcept {
    return (1U << layout_.frame.component_count) - 1;
  }

  void_result read_frame(const jpeg_segment& segment) {
    if (has_frame()) {
      return header_refusal("JPEG", "has two frames");
    }
    if (auto unsupported = unsupported_process(segment.code)) {
      return std::move(*unsupported);
    }
    const std::size_t length = segment.end - segment.content;
    const std::size_t count = view_.u8(segment.content + 5);
    if (length < 6 || length != 6 + 3 * count) {
      return header_refusal("JPEG", "has a damaged frame");
    }
    if (const auto bits = view_.u8(segment.content); bits != 8) {
      return refusal("this is a " + std::to_string(bits) + "-bit JPEG; allowed: 8 bits");
    }
    if (count != 1 && count != 3 && count != 4) {
      return refusal(
          "the JPEG picture has " + std::to_string(count) + " components; allowed: 1, 3 or 4"
      );
    }
    jpeg_frame& frame = layout_.frame;
    frame.is_progressive = segment.code == 0xC2;
    frame.height = view_.big(segment.content + 1, 2);
    frame.width = view_.big(segment.content + 3, 2);
    if (frame.width == 0 || frame.height == 0) {
      return empty_picture_refusal(frame.width, frame.height);
    }
    frame.component_count = count;
    return read_components(segment.content + 6);
  }

  void_result read_components(std::size_t position) {
    for (std::size_t i = 0; i < layout_.frame.component_count; ++i, position += 3) {
      const std::uint8_t sampling = view_.u8(position + 1);
      jpeg_component& component = layout_.frame.components[i];
      component.id = view_.u8(position);
      component.horizontal = sampling >> 4U;
      component.vertical = sampling & 0xFU;
      const auto [least, most] = std::minmax(component.horizontal, component.vertical);
      if (least < 1 || most > 4) {
        return refusal(
            "the JPEG picture has a component sampled " + std::to_string(component.horizontal)
            + " x " + std::to_string(component.vertical) + "; allowed: 1 to 4 a direction"
        );
      }
    }
    return ok();
  }

  /// The components of a scan as bits, the lowest for the frame's first; 0 where the header cannot
  /// be one of this picture.
  [[nodiscard]] std::uint32_t components_of_scan(const jpeg_segment& scan) const noexcept {
    const std::size_t count = view_.u8(scan.content);
    const std::size_t header_end = scan.content + 4 + 2 * count;
    if (count < 1 || count > 4 || view_.big(scan.content - 2, 2) != header_end - scan.content + 2) {
      return 0;
    }
    std::uint32_t found = 0;
    unsigned blocks = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint8_t id = view_.u8(scan.content + 1 + 2 * i);
      std::size_t at = 0;
      while (at < layout_.frame.component_count
             && (layout_.frame.components[at].id != id || (found >> at & 1U) != 0)) {
        ++at;
      }
      if (at == layout_.frame.component_count) {
        return 0;
      }
      found |= 1U << at;
      blocks += static_cast<unsigned>(layout_.frame.components[at].horizontal)
                * layout_.frame.components[at].vertical;
    }
    return count == 1 || blocks <= most_blocks_in_mcu ? found : 0;
  }

  std::span<const std::byte> bytes_;
  byte_view view_;
  jpeg_layout layout_;
  std::uint32_t components_seen_ = 0;
};

}  // namespace

std::uint64_t blocks_of(const jpeg_frame& frame, std::size_t component) noexcept {
  std::uint32_t widest = 1;
  std::uint32_t tallest = 1;
  for (const jpeg_component& each : std::span{frame.components}.first(frame.component_count)) {
    widest = std::max<std::uint32_t>(widest, each.horizontal);
    tallest = std::max<std::uint32_t>(tallest, each.vertical);
  }
  const std::uint64_t columns = (frame.width + 8 * widest - 1) / (8 * widest);
  const std::uint64_t rows = (frame.height + 8 * tallest - 1) / (8 * tallest);
  const jpeg_component& wanted = frame.components[component];
  return columns * wanted.horizontal * rows * wanted.vertical;
}

std::uint64_t blocks_of(const jpeg_frame& frame) noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < frame.component_count; ++i) {
    sum += blocks_of(frame, i);
  }
  return sum;
}

result<jpeg_layout> read_jpeg_layout(std::span<const std::byte> bytes) {
  return jpeg_walk{bytes}.run();
}

}  // namespace stayler::adapters
