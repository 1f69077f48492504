// SPDX-License-Identifier: MIT

// Whatever libjpeg decodes at any scale: it has the sides that were promised, at all scales or
// none, can be encoded again, and turning it without decoding keeps it a picture.
#include "adapters/image_codec/pixels/jpeg/eighths.hpp"
#include "adapters/image_codec/pixels/jpeg/jpeg_decoder.hpp"
#include "adapters/image_codec/pixels/jpeg/jpeg_encoder.hpp"
#include "adapters/image_codec/pixels/jpeg/jpeg_turning.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <cstdint>

using namespace stayler;
using namespace stayler::adapters;
using stayler::fuzz::require;

namespace {

using bytes_view = std::span<const std::byte>;

/// More would only make the fuzzer slow.
constexpr std::uint64_t most_pixels = 256 * 256;

void check_encoded(const raster& picture) {
  const auto encoded = encode_jpeg(picture, 80);
  require(encoded.has_value());
  const auto layout = read_jpeg_layout(*encoded);
  require(layout.has_value() && layout->has_eoi);
  require(decode_jpeg(*encoded, *layout, all_eighths).has_value());
}

void check_turned(bytes_view bytes) {
  const auto turned = turn_losslessly(bytes, orientation::turned_left);
  require(!turned || read_jpeg_layout(*turned).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span{data, size});
  const auto layout = read_jpeg_layout(bytes);
  if (!layout || std::uint64_t{layout->frame.width} * layout->frame.height > most_pixels
      || layout->scanned_blocks > most_pixels) {
    return 0;
  }
  const extent sides{layout->frame.width, layout->frame.height};
  const auto whole = decode_jpeg(bytes, *layout, all_eighths);
  if (!whole) {
    fuzz::require_reason(whole.error());
  }
  for (const unsigned eighths : {1U, 2U, 4U}) {
    const auto scaled = decode_jpeg(bytes, *layout, eighths);
    require(scaled.has_value() == whole.has_value());
    require(!scaled || scaled->size() == scaled_to_eighths(sides, eighths));
  }
  if (whole) {
    require(whole->size() == sides);
    check_turned(bytes);
    if (whole->kind() == pixel_kind::rgb) {
      check_encoded(*whole);
    }
  }
  return 0;
}
