// SPDX-License-Identifier: MIT
#include "tests/support/pictures/picture_files.hpp"

#include <zlib.h>

namespace stayler::test {

namespace {

using std::string_literals::operator""s;

constexpr std::size_t tiff_header_bytes = 8;

std::size_t directory_bytes(std::size_t fields) {
  return 2 + 12 * fields + 4;
}

/// Numbers in one byte order.
struct ordered {
  bool is_little;

  [[nodiscard]] std::string operator()(std::uint64_t value, std::size_t bytes) const {
    return is_little ? little(value, bytes) : big(value, bytes);
  }

  /// A field whose value stands in its place: a SHORT, or a LONG for offsets.
  [[nodiscard]] std::string field(std::uint16_t tag, std::uint16_t type, std::uint32_t value)
      const {
    const std::string number = type == 3 ? (*this)(value, 2) + "\0\0"s : (*this)(value, 4);
    return (*this)(tag, 2) + (*this)(type, 2) + (*this)(1, 4) + number;
  }
};

std::string tiff_start(bool is_little) {
  const ordered number{is_little};
  return (is_little ? "II"s : "MM"s) + number(42, 2) + number(tiff_header_bytes, 4);
}

}  // namespace

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string big(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = bytes; i > 0; --i) {
    text += static_cast<char>(value >> 8 * (i - 1));
  }
  return text;
}

std::string little(std::uint64_t value, std::size_t bytes) {
  const std::string text = big(value, bytes);
  return {text.rbegin(), text.rend()};
}

std::string make_exif(const exif_content& kind) {
  const ordered number{kind.is_little};
  const std::string camera = "SecretCamera\0"s;
  const bool has_interoperability = !kind.interoperability.empty();
  const std::size_t camera_at = tiff_header_bytes + directory_bytes(3);
  const std::size_t details_at = camera_at + camera.size();
  const std::size_t interoperability_at = details_at + directory_bytes(2);
  std::string block = tiff_start(kind.is_little);
  block += number(3, 2);
  block += number(0x010F, 2) + number(2, 2) + number(camera.size(), 4) + number(camera_at, 4);
  block += number.field(0x0112, 3, kind.orientation);
  block += number.field(0x8769, 4, static_cast<std::uint32_t>(details_at));
  block += number(0, 4) + camera;
  block += number(2, 2);
  block += number.field(0xA001, 3, kind.is_uncalibrated ? 0xFFFF : 1);
  block += number.field(
      0xA005, 4, has_interoperability ? static_cast<std::uint32_t>(interoperability_at) : 0
  );
  block += number(0, 4);
  if (has_interoperability) {
    block += number(1, 2) + number(1, 2) + number(2, 2) + number(4, 4);
    block += std::string{kind.interoperability} + "\0"s + number(0, 4);
  }
  return (kind.has_prefix ? "Exif\0\0"s : ""s) + block;
}

std::string make_segment(std::uint8_t code, std::string_view content) {
  return "\xFF"s + static_cast<char>(code) + big(content.size() + 2, 2) + std::string{content};
}

jpeg_parts make_plain_jpeg() {
  const auto huffman = [](std::uint8_t id, std::uint8_t bits, std::string_view values) {
    std::string counts(16, '\0');
    counts[bits - 1] = static_cast<char>(values.size());
    return make_segment(0xC4, std::string(1, static_cast<char>(id)) + counts + std::string{values});
  };
  jpeg_parts parts;
  parts.jfif = make_segment(0xE0, "JFIF\0\1\1\0\0\1\0\1\0\0"s);
  // One code each: a DC difference of nothing, and the end of the block.
  parts.tables = make_segment(0xDB, "\0"s + std::string(64, '\1')) + huffman(0x00, 1, "\0"s)
                 + huffman(0x10, 1, "\0"s);
  parts.frame = make_segment(0xC0, make_frame_content(60, 40));
  // 4 x 3 MCUs of 6 blocks, two bits each.
  parts.scan = make_segment(0xDA, "\3\1\0\2\0\3\0\0\x3F\0"s) + std::string(18, '\0');
  return parts;
}

std::string make_frame_content(std::uint32_t width, std::uint32_t height, std::uint32_t precision) {
  return big(precision, 1) + big(height, 2) + big(width, 2) + "\3\1\x22\0\2\x11\0\3\x11\0"s;
}

std::string make_scan(std::string_view component_ids) {
  std::string content = big(component_ids.size(), 1);
  for (const char id : component_ids) {
    content += id;
    content += '\0';
  }
  return make_segment(0xDA, content + "\0\x3F\0"s) + "\x12\xFF\0\x34\xFF\xD0\x56"s;
}

std::string make_icc_segments(std::string_view profile, std::size_t part_bytes) {
  const std::size_t parts = (profile.size() + part_bytes - 1) / part_bytes;
  std::string segments;
  for (std::size_t i = 0; i < parts; ++i) {
    const std::string part{profile.substr(i * part_bytes, part_bytes)};
    segments += make_segment(0xE2, "ICC_PROFILE\0"s + big(i + 1, 1) + big(parts, 1) + part);
  }
  return segments;
}

std::string make_png_chunk(std::string_view name, std::string_view content) {
  const std::string checked = std::string{name} + std::string{content};
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return big(content.size(), 4) + checked + big(sum, 4);
}

std::string make_png_start(std::uint32_t width, std::uint32_t height, bool is_interlaced) {
  return "\x89PNG\r\n\x1A\n"s
         + make_png_chunk(
             "IHDR",
             big(width, 4) + big(height, 4) + "\x08\x02\0\0"s + big(is_interlaced ? 1 : 0, 1)
         );
}

std::string make_riff_chunk(std::string_view name, std::string_view content) {
  return std::string{name} + little(content.size(), 4) + std::string{content}
         + std::string(content.size() % 2, '\0');
}

std::string make_webp(std::string_view chunks) {
  return make_riff_chunk("RIFF", "WEBP" + std::string{chunks});
}

std::string make_webp_extended(std::uint8_t flags, std::uint32_t width, std::uint32_t height) {
  return make_riff_chunk(
      "VP8X", big(flags, 1) + "\0\0\0"s + little(width - 1, 3) + little(height - 1, 3)
  );
}

std::string make_webp_lossless(std::uint32_t width, std::uint32_t height) {
  return make_riff_chunk("VP8L", "\x2F" + little((width - 1) | (height - 1) << 14U, 4) + "data");
}

std::string make_box(std::string_view type, std::string_view content) {
  return big(content.size() + 8, 4) + std::string{type} + std::string{content};
}

std::string make_full_box(
    std::string_view type, std::uint32_t version, std::uint32_t flags, std::string_view content
) {
  return make_box(type, big(version, 1) + big(flags, 3) + std::string{content});
}

std::string make_heif(const heif_content& kind) {
  const bool is_grid = kind.tiles != 0;
  const std::uint32_t tile_width = is_grid ? kind.width / kind.tiles : kind.width;
  const auto size_property = [](std::uint32_t width, std::uint32_t height) {
    return make_full_box("ispe", 0, 0, big(width, 4) + big(height, 4));
  };
  // Item 1 is the primary one; 2 and on are the tiles.
  std::string infos = make_full_box(
      "infe", 2, 0, big(1, 2) + big(0, 2) + std::string{is_grid ? "grid" : kind.coding} + "\0"s
  );
  std::string places = big(1, 2) + big(is_grid ? 1 : 0, 2) + big(0, 2) + big(1, 2);
  const std::string grid =
      "\0\0\0"s + big(kind.tiles - 1, 1) + big(kind.width, 2) + big(kind.height, 2);
  places += big(0, 4) + big(is_grid ? grid.size() : kind.data_bytes, 4);
  std::string owners = big(1, 2) + big(1 + kind.property_count, 1) + big(1, 1);
  for (std::size_t i = 0; i < kind.property_count; ++i) {
    owners += big(3 + i, 1);
  }
  std::string tiles;
  for (std::uint32_t id = 2; id < 2 + kind.tiles; ++id) {
    infos += make_full_box("infe", 2, 0, big(id, 2) + big(0, 2) + std::string{kind.coding} + "\0"s);
    places += big(id, 2) + big(0, 2) + big(0, 2) + big(1, 2) + big(0, 4) + big(kind.data_bytes, 4);
    owners += big(id, 2) + big(1, 1) + big(2, 1);
    tiles += id < 2 + (kind.tiles_named != 0 ? kind.tiles_named : kind.tiles) ? big(id, 2) : "";
  }
  const std::uint32_t items = 1 + kind.tiles;
  const std::string properties = size_property(kind.width, kind.height)
                                 + size_property(tile_width, kind.height) + kind.properties;
  std::string meta = make_full_box("hdlr", 0, 0, big(0, 4) + "pict" + std::string(13, '\0'));
  meta += make_full_box("pitm", 0, 0, big(1, 2));
  meta += make_full_box("iinf", 0, 0, big(items, 2) + infos);
  if (is_grid) {
    meta +=
        make_full_box("iref", 0, 0, make_box("dimg", big(1, 2) + big(tiles.size() / 2, 2) + tiles));
    meta += make_box("idat", grid);
  }
  meta += make_box(
      "iprp", make_box("ipco", properties) + make_full_box("ipma", 0, 0, big(items, 4) + owners)
  );
  meta += make_full_box("iloc", 1, 0, "\x44\0"s + big(items, 2) + places);
  return make_box("ftyp", std::string{kind.major} + big(0, 4) + std::string{kind.compatible})
         + make_full_box("meta", 0, 0, meta) + make_box("mdat", std::string(16, 'x'));
}

std::string make_tiff(
    const std::vector<tiff_field>& fields, bool is_little, std::size_t data_bytes
) {
  const ordered number{is_little};
  std::string file = tiff_start(is_little) + number(fields.size(), 2);
  for (const tiff_field& each : fields) {
    file += number.field(each.tag, each.type, each.value);
  }
  return file + number(0, 4) + std::string(data_bytes, 'x');
}

}  // namespace stayler::test
