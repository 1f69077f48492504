// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/jpeg/jpeg_metadata.hpp"

#include "adapters/image_codec/probe/byte_view.hpp"

#include <algorithm>
#include <string_view>

namespace stayler::adapters {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view jfif_name = "JFIF\0"sv;
constexpr std::string_view adobe_name = "Adobe"sv;
constexpr std::string_view exif_name = "Exif\0\0"sv;
constexpr std::string_view icc_name = "ICC_PROFILE\0"sv;

// Of the contents of these segments, what belongs to the format.
constexpr std::size_t jfif_bytes = 14;  // the last two are the sides of the thumbnail
constexpr std::size_t adobe_bytes = 12;
constexpr std::size_t icc_head_bytes = icc_name.size() + 2;  // number of the part, and of all parts

constexpr std::size_t most_icc_bytes = 4'000'000;

/// The segments before the first scan: what libjpeg knows when it decides about colours.
std::span<const jpeg_segment> header_of(const jpeg_layout& layout) {
  const auto scan = std::ranges::find(layout.segments, jpeg_code::sos, &jpeg_segment::code);
  return {layout.segments.begin(), scan};
}

/// DNL and DAC are not among them: libjpeg passes over the one, and Huffman coding has no use for
/// the other.
bool is_needed_to_decode(std::uint8_t code) {
  return code < jpeg_code::app0 && code != jpeg_code::dnl && code != jpeg_code::dac;
}

bool is_named(
    byte_view view,
    const jpeg_segment& segment,
    std::uint8_t code,
    std::string_view name,
    std::size_t least_bytes
) {
  return segment.code == code && segment.end - segment.content >= least_bytes
         && view.says(segment.content, name);
}

const jpeg_segment* find_jfif(byte_view view, const jpeg_layout& layout) {
  const auto header = header_of(layout);
  const auto found = std::ranges::find_if(header, [view](const jpeg_segment& each) {
    return is_named(view, each, jpeg_code::app0, jfif_name, jfif_bytes);
  });
  return found == header.end() ? nullptr : &*found;
}

/// libjpeg goes by the last one.
const jpeg_segment* find_adobe(byte_view view, const jpeg_layout& layout) {
  const jpeg_segment* found = nullptr;
  for (const jpeg_segment& each : header_of(layout)) {
    if (is_named(view, each, jpeg_code::app14, adobe_name, adobe_bytes)) {
      found = &each;
    }
  }
  return found;
}

/// The parts of the ICC profile by their numbers, empty where these are not sound.
std::vector<const jpeg_segment*> icc_parts_of(byte_view view, const jpeg_layout& layout) {
  std::vector<const jpeg_segment*> parts;
  std::size_t found = 0;
  std::size_t bytes = 0;
  for (const jpeg_segment& each : header_of(layout)) {
    if (!is_named(view, each, jpeg_code::app2, icc_name, icc_head_bytes)) {
      continue;
    }
    const std::size_t number = view.u8(each.content + icc_name.size());
    const std::size_t count = view.u8(each.content + icc_name.size() + 1);
    if (parts.empty()) {
      parts.resize(count);
    }
    if (number == 0 || number > count || count != parts.size() || parts[number - 1] != nullptr) {
      return {};
    }
    parts[number - 1] = &each;
    bytes += each.end - each.content - icc_head_bytes;
    ++found;
  }
  const bool is_sound = found == parts.size() && bytes <= most_icc_bytes;
  return is_sound ? parts : std::vector<const jpeg_segment*>{};
}

/// Decides, segment by segment, what stays.
class jpeg_cutter {
 public:
  jpeg_cutter(std::span<const std::byte> bytes, const jpeg_layout& layout, embedded_profile profile)
      : bytes_(bytes),
        view_(bytes),
        layout_(layout),
        jfif_(find_jfif(view_, layout)),
        adobe_(find_adobe(view_, layout)) {
    if (profile == embedded_profile::kept) {
      icc_ = icc_parts_of(view_, layout);
    }
  }

  [[nodiscard]] std::vector<std::byte> cut() const {
    std::vector<std::byte> made;
    made.reserve(layout_.end + 2);
    append_marker(made, jpeg_code::soi);
    for (const jpeg_segment& each : layout_.segments) {
      append(made, each);
    }
    append_marker(made, jpeg_code::eoi);
    return made;
  }

  /// Whether everything stays, and nothing lies between the segments.
  [[nodiscard]] bool changes_nothing() const {
    std::size_t position = 2;
    for (const jpeg_segment& each : layout_.segments) {
      if (each.begin != position || !stays_as_it_is(each)) {
        return false;
      }
      position = each.end;
    }
    return layout_.has_eoi && position + 2 == layout_.end && layout_.end == bytes_.size();
  }

 private:
  static void append_marker(std::vector<std::byte>& to, std::uint8_t code) {
    to.push_back(std::byte{0xFF});
    to.push_back(std::byte{code});
  }

  void append_bytes(std::vector<std::byte>& to, std::size_t begin, std::size_t end) const {
    const auto piece = bytes_.subspan(begin, end - begin);
    to.insert(to.end(), piece.begin(), piece.end());
  }

  void append(std::vector<std::byte>& to, const jpeg_segment& segment) const {
    if (&segment == jfif_) {
      append_shortened(to, segment, jfif_bytes);
      std::fill(to.end() - 2, to.end(), std::byte{0});
    } else if (&segment == adobe_) {
      append_shortened(to, segment, adobe_bytes);
    } else if (stays(segment)) {
      append_bytes(to, segment.begin, segment.end);
    }
  }

  void append_shortened(std::vector<std::byte>& to, const jpeg_segment& segment, std::size_t bytes)
      const {
    append_marker(to, segment.code);
    to.push_back(std::byte{0});
    to.push_back(static_cast<std::byte>(bytes + 2));
    append_bytes(to, segment.content, segment.content + bytes);
  }

  [[nodiscard]] bool stays(const jpeg_segment& segment) const {
    return is_needed_to_decode(segment.code) || &segment == jfif_ || &segment == adobe_
           || std::ranges::find(icc_, &segment) != icc_.end();
  }

  [[nodiscard]] bool stays_as_it_is(const jpeg_segment& segment) const {
    const std::size_t length = segment.end - segment.content;
    if (&segment == jfif_) {
      return length == jfif_bytes && view_.big(segment.end - 2, 2) == 0;
    }
    return stays(segment) && (&segment != adobe_ || length == adobe_bytes);
  }

  std::span<const std::byte> bytes_;
  byte_view view_;
  const jpeg_layout& layout_;
  const jpeg_segment* jfif_;
  const jpeg_segment* adobe_;
  std::vector<const jpeg_segment*> icc_;
};

}  // namespace

std::vector<std::byte> icc_profile_of(std::span<const std::byte> bytes, const jpeg_layout& layout) {
  std::vector<std::byte> profile;
  for (const jpeg_segment* part : icc_parts_of(byte_view{bytes}, layout)) {
    const std::size_t begin = part->content + icc_head_bytes;
    const auto content = bytes.subspan(begin, part->end - begin);
    profile.insert(profile.end(), content.begin(), content.end());
  }
  return profile;
}

std::span<const std::byte> exif_of(std::span<const std::byte> bytes, const jpeg_layout& layout) {
  const byte_view view{bytes};
  for (const jpeg_segment& each : header_of(layout)) {
    if (is_named(view, each, jpeg_code::app1, exif_name, exif_name.size())) {
      return bytes.subspan(each.content, each.end - each.content).subspan(exif_name.size());
    }
  }
  return {};
}

std::optional<std::uint8_t> adobe_transform(
    std::span<const std::byte> bytes, const jpeg_layout& layout
) {
  const byte_view view{bytes};
  const jpeg_segment* adobe = find_adobe(view, layout);
  if (adobe == nullptr) {
    return std::nullopt;
  }
  return view.u8(adobe->content + adobe_bytes - 1);
}

bool has_jfif(std::span<const std::byte> bytes, const jpeg_layout& layout) {
  return find_jfif(byte_view{bytes}, layout) != nullptr;
}

std::vector<std::byte> cut_jpeg_metadata(
    std::span<const std::byte> bytes, const jpeg_layout& layout, embedded_profile profile
) {
  return jpeg_cutter{bytes, layout, profile}.cut();
}

bool is_without_jpeg_metadata(
    std::span<const std::byte> bytes, const jpeg_layout& layout, embedded_profile profile
) {
  return jpeg_cutter{bytes, layout, profile}.changes_nothing();
}

}  // namespace stayler::adapters
