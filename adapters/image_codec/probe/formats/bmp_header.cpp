// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/formats/bmp_header.hpp"

#include "adapters/image_codec/probe/byte_view.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

#include <algorithm>
#include <array>

namespace stayler::adapters {

namespace {

constexpr std::uint32_t first_header_bytes = 12;  // OS/2's, with sides of 16 bits

// Compressions. Pixels in rows of equal length have the first, or bit fields.
constexpr std::uint32_t uncompressed = 0;
constexpr std::uint32_t run_length_8 = 1;
constexpr std::uint32_t run_length_4 = 2;
constexpr std::uint32_t bit_fields = 3;
constexpr std::uint32_t alpha_bit_fields = 6;

struct bmp_facts {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t bits = 0;
  std::uint32_t compression = uncompressed;
};

bmp_facts read_facts(byte_view view) noexcept {
  if (view.little(14, 4) == first_header_bytes) {
    return {view.little(18, 2), view.little(20, 2), view.little(24, 2), uncompressed};
  }
  std::uint32_t height = view.little(22, 4);
  // A negative one means rows from the top.
  height = height > 0x80000000U ? 0U - height : height;
  return {view.little(18, 4), height, view.little(28, 2), view.little(30, 4)};
}

}  // namespace

result<image_header> read_bmp(std::span<const std::byte> bytes) {
  constexpr std::uint32_t longest_side = 0x7FFFFFFF;
  constexpr std::array<std::uint32_t, 6> known_bits{1, 4, 8, 16, 24, 32};
  const byte_view view{bytes};
  const bool is_first = view.little(14, 4) == first_header_bytes;
  if (!view.has(0, is_first ? 26 : 34)) {
    return cut_off_refusal("BMP", bytes.size());
  }
  const bmp_facts facts = read_facts(view);
  if (facts.width == 0 || facts.height == 0) {
    return empty_picture_refusal(facts.width, facts.height);
  }
  if (facts.width > longest_side || facts.height > longest_side
      || std::ranges::find(known_bits, facts.bits) == known_bits.end()) {
    return header_refusal("BMP", "is damaged");
  }
  const bool has_rows = facts.compression == uncompressed || facts.compression == bit_fields
                        || facts.compression == alpha_bit_fields;
  if (!has_rows && facts.compression != run_length_8 && facts.compression != run_length_4) {
    return refusal(
        "the BMP picture uses a kind of compression that is not read: "
        + std::to_string(facts.compression) + "; allowed: none and run lengths"
    );
  }
  const std::uint64_t row_bytes = (std::uint64_t{facts.width} * facts.bits + 31) / 32 * 4;
  const std::uint64_t pixel_bytes = has_rows ? row_bytes * facts.height : 1;
  const std::uint64_t begin = view.little(10, 4);
  if (begin > bytes.size() || pixel_bytes > bytes.size() - begin) {
    return cut_off_refusal("BMP", bytes.size());
  }
  return header_of(image_format::bmp, facts.width, facts.height);
}

}  // namespace stayler::adapters
