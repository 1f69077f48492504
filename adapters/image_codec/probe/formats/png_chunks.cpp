// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/formats/png_chunks.hpp"

#include "adapters/image_codec/probe/byte_view.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

#include <algorithm>
#include <bitset>

namespace stayler::adapters {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view png_signature = "\x89PNG\r\n\x1A\n"sv;
constexpr std::size_t ihdr_bytes = 13;
constexpr std::size_t most_iccp_bytes = 1'000'000;

/// What a decoder needs but for IDAT, which there are many of.
constexpr std::array<std::string_view, 11> needed_once{
    "IHDR", "PLTE", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "cICP", "iCCP", "IDAT", "IEND"};
constexpr std::size_t idat = 9;

/// Critical chunks have a capital first letter: who does not know one cannot show the picture.
bool is_critical(std::string_view name) noexcept {
  return name[0] >= 'A' && name[0] <= 'Z';
}

bool is_sample_layout(std::uint8_t colour_type, std::uint8_t depth) noexcept {
  const bool is_small = depth == 1 || depth == 2 || depth == 4;
  switch (colour_type) {
    case 0:  // grey
      return is_small || depth == 8 || depth == 16;
    case 3:  // palette
      return is_small || depth == 8;
    case 2:  // colour
    case 4:  // grey with alpha
    case 6:  // colour with alpha
      return depth == 8 || depth == 16;
    default:
      return false;
  }
}

result<png_facts> read_ihdr(byte_view view) {
  constexpr std::size_t content = png_signature.size() + 8;
  if (!view.has(0, content + ihdr_bytes)) {
    return header_refusal("PNG", "is cut off before it tells width and height");
  }
  if (view.big(content - 8, 4) != ihdr_bytes || !view.says(content - 4, "IHDR")) {
    return header_refusal("PNG", "does not begin with IHDR");
  }
  png_facts facts;
  facts.width = view.big(content, 4);
  facts.height = view.big(content + 4, 4);
  if (facts.width == 0 || facts.height == 0) {
    return empty_picture_refusal(facts.width, facts.height);
  }
  const std::uint8_t depth = view.u8(content + 8);
  const std::uint8_t colour_type = view.u8(content + 9);
  if (!is_sample_layout(colour_type, depth)) {
    return header_refusal(
        "PNG", "names colour type " + std::to_string(colour_type) + " with " + std::to_string(depth)
                   + " bits, which PNG does not have"
    );
  }
  // Compression and filter method have one value each.
  if (view.big(content + 10, 2) != 0 || view.u8(content + 12) > 1) {
    return header_refusal(
        "PNG", "names a compression, filter or interlacing that PNG does not have"
    );
  }
  facts.is_interlaced = view.u8(content + 12) == 1;
  return facts;
}

/// PQ and HLG; as SDR such a picture is grey and flat.
void_result check_coding(const png_coding& coding) {
  if (coding.transfer == 16 || coding.transfer == 18) {
    return hdr_refusal(coding.transfer == 16 ? "PQ" : "HLG");
  }
  return ok();
}

/// Chooses the chunks that stay.
class chunk_filter {
 public:
  explicit chunk_filter(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  /// Calls `keep(chunk)` for each chunk that stays, in order.
  template <class Keep>
  void_result run(Keep keep) {
    png_walker walker{bytes_};
    while (const auto chunk = walker.next()) {
      const auto known = std::ranges::find(needed_once, chunk->name);
      if (known == needed_once.end()) {
        if (is_critical(chunk->name)) {
          return refusal("the PNG picture has a critical chunk that no decoder knows");
        }
        continue;
      }
      if (stays(*chunk, static_cast<std::size_t>(known - needed_once.begin()))) {
        keep(*chunk);
      }
    }
    if (!walker.is_complete()) {
      return cut_off_refusal("PNG", bytes_.size());
    }
    return seen_[idat] ? ok() : refusal("the PNG picture has no picture data");
  }

 private:
  bool stays(const png_chunk& chunk, std::size_t kind) {
    const bool is_first = !seen_[kind];
    seen_[kind] = true;
    if (kind == idat) {
      return true;
    }
    const bool is_too_long =
        chunk.name == "iCCP" && chunk.content_end - chunk.content > most_iccp_bytes;
    return is_first && !is_too_long;
  }

  std::span<const std::byte> bytes_;
  std::bitset<needed_once.size()> seen_;
};

}  // namespace

std::optional<png_chunk> png_walker::next() noexcept {
  constexpr std::size_t frame_bytes = 12;  // length, name, checksum
  const byte_view view{bytes_};
  if (is_complete_ || !view.has(position_, frame_bytes)) {
    return std::nullopt;
  }
  const std::size_t length = view.big(position_, 4);
  if (!view.has(position_, frame_bytes + length)) {
    return std::nullopt;
  }
  png_chunk chunk;
  chunk.name = {reinterpret_cast<const char*>(bytes_.data()) + position_ + 4, 4};
  chunk.begin = position_;
  chunk.content = position_ + 8;
  chunk.content_end = chunk.content + length;
  chunk.end = chunk.content_end + 4;
  is_complete_ = chunk.name == "IEND";
  position_ = chunk.end;
  return chunk;
}

result<png_facts> read_png(std::span<const std::byte> bytes) {
  const byte_view view{bytes};
  auto facts = read_ihdr(view);
  if (!facts) {
    return facts;
  }
  png_walker walker{bytes};
  bool has_data = false;
  while (const auto chunk = walker.next()) {
    const auto content = bytes.subspan(chunk->content, chunk->content_end - chunk->content);
    if (chunk->name == "IDAT") {
      has_data = true;
    } else if (chunk->name == "eXIf" && facts->exif.empty()) {
      facts->exif = content;  // may stand behind the picture's data, too
    } else if (chunk->name == "acTL") {
      facts->is_animated = true;
    } else if (chunk->name == "cICP" && content.size() == 4 && !has_data && !facts->coding) {
      const std::size_t at = chunk->content;
      facts->coding = {view.u8(at), view.u8(at + 1), view.u8(at + 2), view.u8(at + 3) != 0};
    }
  }
  if (facts->coding) {
    if (auto shown = check_coding(*facts->coding); !shown) {
      return std::move(shown).error();
    }
  }
  return facts;
}

result<std::vector<std::byte>> keep_needed_chunks(std::span<const std::byte> bytes) {
  std::vector<std::byte> made;
  made.reserve(bytes.size());
  const auto append = [&made](std::span<const std::byte> piece) {
    made.insert(made.end(), piece.begin(), piece.end());
  };
  append(std::as_bytes(std::span{png_signature}));
  auto filtered = chunk_filter{bytes}.run([&](const png_chunk& chunk) {
    append(bytes.subspan(chunk.begin, chunk.end - chunk.begin));
  });
  if (!filtered) {
    return std::move(filtered).error();
  }
  return made;
}

void_result check_chunks(std::span<const std::byte> bytes) {
  return chunk_filter{bytes}.run([](const png_chunk&) {});
}

}  // namespace stayler::adapters
