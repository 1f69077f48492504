// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/formats/webp_chunks.hpp"

#include "adapters/image_codec/probe/byte_view.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace stayler::adapters {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t riff_header_bytes = 12;   // RIFF, length, WEBP
constexpr std::size_t chunk_header_bytes = 8;   // name, length
constexpr std::size_t extended_bytes = 10;      // the content of VP8X
constexpr std::size_t frame_header_bytes = 16;  // before the chunks of an ANMF

// What tells the size at the begin of a picture's data; VP8X has as many as VP8.
constexpr std::size_t lossy_header_bytes = 10;
constexpr std::size_t lossless_header_bytes = 5;

// Flags of VP8X.
constexpr std::uint8_t animation_flag = 0x02;
constexpr std::uint8_t alpha_flag = 0x10;
constexpr std::uint8_t profile_flag = 0x20;

/// One chunk of a WebP file. The numbers are offsets in the file.
struct webp_chunk {
  std::string_view name;
  std::size_t content = 0;
  std::size_t end = 0;  ///< behind the content, before a byte that fills up
};

/// The chunks from one offset to another; those that do not end before it are not there.
class webp_walker {
 public:
  webp_walker(std::span<const std::byte> bytes, std::size_t begin, std::size_t end) noexcept
      : bytes_(bytes.first(std::min(end, bytes.size()))), position_(begin) {}

  std::optional<webp_chunk> next() noexcept {
    const byte_view view{bytes_};
    const std::size_t length = view.little(position_ + 4, 4);
    if (!view.has(position_, chunk_header_bytes)
        || !view.has(position_ + chunk_header_bytes, length)) {
      return std::nullopt;
    }
    webp_chunk chunk;
    chunk.name = {reinterpret_cast<const char*>(bytes_.data()) + position_, 4};
    chunk.content = position_ + chunk_header_bytes;
    chunk.end = chunk.content + length;
    position_ = chunk.end + length % 2;
    return chunk;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_;
};

struct webp_size {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const webp_size&, const webp_size&) = default;
};

std::size_t riff_end(byte_view view) noexcept {
  return std::size_t{8} + view.little(4, 4);
}

bool is_frame_data(const webp_chunk& chunk) noexcept {
  return chunk.name == "VP8 " || chunk.name == "VP8L";
}

result<webp_size> read_lossy_size(byte_view view, std::size_t content) {
  // Frame tag (its lowest bit is 0 for a key frame), start code, 14 bits of width and of height.
  if ((view.u8(content) & 1U) != 0 || !view.says(content + 3, "\x9D\x01\x2A")) {
    return header_refusal("WebP", "does not begin with a key frame");
  }
  return webp_size{view.little(content + 6, 2) & 0x3FFFU, view.little(content + 8, 2) & 0x3FFFU};
}

result<webp_size> read_lossless_size(byte_view view, std::size_t content) {
  // Signature, 14 bits of width - 1, 14 of height - 1, one for alpha, three for the version.
  const std::uint32_t bits = view.little(content + 1, 4);
  if (view.u8(content) != 0x2F || bits >> 29U != 0) {
    return header_refusal("WebP", "is not of a known lossless version");
  }
  return webp_size{(bits & 0x3FFFU) + 1, (bits >> 14U & 0x3FFFU) + 1};
}

webp_size read_canvas_size(byte_view view, std::size_t content) noexcept {
  return {view.little(content + 4, 3) + 1, view.little(content + 7, 3) + 1};
}

/// The size in a chunk that begins a file, or in the data of a frame.
result<webp_size> read_size(byte_view view, std::size_t chunk) {
  const bool is_lossless = view.says(chunk, "VP8L");
  const std::size_t content = chunk + chunk_header_bytes;
  if (!view.has(
          chunk, chunk_header_bytes + (is_lossless ? lossless_header_bytes : lossy_header_bytes)
      )) {
    return header_refusal("WebP", "is cut off before it tells width and height");
  }
  if (is_lossless) {
    return read_lossless_size(view, content);
  }
  if (view.says(chunk, "VP8 ")) {
    return read_lossy_size(view, content);
  }
  if (view.says(chunk, "VP8X") && view.little(chunk + 4, 4) == extended_bytes) {
    return read_canvas_size(view, content);
  }
  return header_refusal("WebP", "begins with an unknown chunk");
}

bool is_extended(byte_view view) noexcept {
  return view.says(riff_header_bytes, "VP8X");
}

/// The first chunk of that kind in an extended file.
template <class IsWanted>
std::optional<webp_chunk> find_chunk(
    std::span<const std::byte> bytes, std::size_t begin, std::size_t end, IsWanted is_wanted
) {
  webp_walker walker{bytes, begin, end};
  auto chunk = walker.next();
  while (chunk && !is_wanted(*chunk)) {
    chunk = walker.next();
  }
  return chunk;
}

/// The picture's data, or that of its first frame.
std::optional<webp_chunk> find_frame_data(std::span<const std::byte> bytes, bool is_animated) {
  const std::size_t end = riff_end(byte_view{bytes});
  if (!is_animated) {
    return find_chunk(bytes, riff_header_bytes, end, is_frame_data);
  }
  const auto frame = find_chunk(bytes, riff_header_bytes, end, [](const webp_chunk& each) {
    return each.name == "ANMF";
  });
  return frame ? find_chunk(bytes, frame->content + frame_header_bytes, frame->end, is_frame_data)
               : std::nullopt;
}

webp_frame read_frame_header(byte_view view, const webp_chunk& chunk) noexcept {
  const std::size_t at = chunk.content;
  return {
      2 * view.little(at, 3), 2 * view.little(at + 3, 3), view.little(at + 6, 3) + 1,
      view.little(at + 9, 3) + 1};
}

void read_extended(std::span<const std::byte> bytes, webp_facts& facts) {
  const byte_view view{bytes};
  facts.is_animated = (view.u8(riff_header_bytes + chunk_header_bytes) & animation_flag) != 0;
  bool has_frame = false;
  webp_walker walker{bytes, riff_header_bytes, riff_end(view)};
  while (const auto chunk = walker.next()) {
    const auto content = bytes.subspan(chunk->content, chunk->end - chunk->content);
    if (chunk->name == "EXIF" && facts.exif.empty()) {
      facts.exif = content;
    } else if (chunk->name == "ICCP" && facts.profile.empty()) {
      facts.profile = content;
    } else if (chunk->name == "ANMF" && facts.is_animated && !has_frame) {
      facts.first_frame = read_frame_header(view, *chunk);
      has_frame = true;
    }
  }
}

/// Appends what stays of a file to a new one.
class webp_writer {
 public:
  explicit webp_writer(std::span<const std::byte> bytes) : bytes_(bytes) {
    made_.reserve(bytes.size());
    append("RIFF\0\0\0\0WEBP"sv);
  }

  void append(const webp_chunk& chunk) {
    append(chunk.name);
    append_little(chunk.end - chunk.content);
    const auto content = bytes_.subspan(chunk.content, chunk.end - chunk.content);
    made_.insert(made_.end(), content.begin(), content.end());
    if (content.size() % 2 != 0) {
      made_.push_back(std::byte{0});
    }
  }

  /// VP8X, with those of its flags alone.
  void append_extended(const webp_chunk& chunk, std::uint8_t flags) {
    append(chunk.name);
    append_little(extended_bytes);
    made_.push_back(bytes_[chunk.content] & std::byte{flags});
    append("\0\0\0"sv);
    const auto canvas = bytes_.subspan(chunk.content + 4, 6);
    made_.insert(made_.end(), canvas.begin(), canvas.end());
  }

  std::vector<std::byte> finish() && {
    const std::size_t length = made_.size() - 8;
    for (unsigned i = 0; i < 4; ++i) {
      made_[4 + i] = static_cast<std::byte>(length >> 8 * i);
    }
    return std::move(made_);
  }

 private:
  void append(std::string_view text) {
    const auto raw = std::as_bytes(std::span{text});
    made_.insert(made_.end(), raw.begin(), raw.end());
  }

  void append_little(std::size_t value) {
    for (unsigned i = 0; i < 4; ++i) {
      made_.push_back(static_cast<std::byte>(value >> 8 * i));
    }
  }

  std::span<const std::byte> bytes_;
  std::vector<std::byte> made_;
};

}  // namespace

result<webp_facts> read_webp(std::span<const std::byte> bytes) {
  const byte_view view{bytes};
  const auto size = read_size(view, riff_header_bytes);
  if (!size) {
    return size.error();
  }
  if (size->width == 0 || size->height == 0) {
    return empty_picture_refusal(size->width, size->height);
  }
  webp_facts facts;
  facts.width = size->width;
  facts.height = size->height;
  facts.first_frame = {0, 0, size->width, size->height};
  if (is_extended(view)) {
    read_extended(bytes, facts);
  }
  return facts;
}

void_result check_webp(std::span<const std::byte> bytes) {
  const byte_view view{bytes};
  if (!view.has(0, riff_end(view))) {
    return cut_off_refusal("WebP", bytes.size());
  }
  const auto facts = read_webp(bytes);
  if (!facts) {
    return facts.error();
  }
  const auto data = find_frame_data(bytes, facts->is_animated);
  const std::size_t least_bytes =
      data && data->name == "VP8L" ? lossless_header_bytes : lossy_header_bytes;
  if (!data || data->end - data->content < least_bytes) {
    return cut_off_refusal("WebP", bytes.size());
  }
  const auto size = read_size(view, data->content - chunk_header_bytes);
  if (!size) {
    return size.error();
  }
  const webp_frame& frame = facts->first_frame;
  const bool fits = *size == webp_size{frame.width, frame.height}
                    && std::uint64_t{frame.x} + frame.width <= facts->width
                    && std::uint64_t{frame.y} + frame.height <= facts->height;
  return fits ? ok() : refusal("the WebP picture does not fit the canvas that its header names");
}

std::vector<std::byte> cut_webp_metadata(
    std::span<const std::byte> bytes, embedded_profile profile
) {
  const std::size_t end = riff_end(byte_view{bytes});
  const auto has_name = [](std::string_view name) {
    return [name](const webp_chunk& each) { return each.name == name || is_frame_data(each); };
  };
  webp_writer writer{bytes};
  if (const auto first = webp_walker{bytes, riff_header_bytes, end}.next();
      first && first->name == "VP8X") {
    const auto icc = find_chunk(bytes, riff_header_bytes, end, has_name("ICCP"));
    const bool keeps_profile = profile == embedded_profile::kept && icc && !is_frame_data(*icc);
    writer.append_extended(*first, keeps_profile ? alpha_flag | profile_flag : alpha_flag);
    if (keeps_profile) {
      writer.append(*icc);
    }
    const auto alpha = find_chunk(bytes, riff_header_bytes, end, has_name("ALPH"));
    if (alpha && !is_frame_data(*alpha)) {
      writer.append(*alpha);
    }
  }
  if (const auto data = find_chunk(bytes, riff_header_bytes, end, is_frame_data)) {
    writer.append(*data);
  }
  return std::move(writer).finish();
}

}  // namespace stayler::adapters
