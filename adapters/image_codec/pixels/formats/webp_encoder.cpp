// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/formats/webp_encoder.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <webp/encode.h>

namespace stayler::adapters {

namespace {

struct free_webp {
  void operator()(std::uint8_t* bytes) const noexcept { WebPFree(bytes); }
};

}  // namespace

result<std::vector<std::byte>> encode_webp(const raster& picture, std::uint32_t quality) {
  const auto [width, height] = picture.size();
  if (std::max(width, height) > WEBP_MAX_DIMENSION) {
    return failure{
        error_class::invalid_input,
        "the picture has " + std::to_string(std::max(width, height))
            + " pixels a side; allowed in WebP: up to " + std::to_string(WEBP_MAX_DIMENSION),
        {}};
  }
  const auto encode = picture.kind() == pixel_kind::rgba ? &WebPEncodeRGBA : &WebPEncodeRGB;
  std::uint8_t* written = nullptr;
  const std::size_t size = encode(
      picture.bytes().data(), static_cast<int>(width), static_cast<int>(height),
      static_cast<int>(picture.row_bytes()), static_cast<float>(quality), &written
  );
  const std::unique_ptr<std::uint8_t, free_webp> owner{written};
  if (size == 0) {
    throw std::bad_alloc{};
  }
  const auto* begin = reinterpret_cast<const std::byte*>(written);
  return std::vector<std::byte>{begin, begin + size};
}

}  // namespace stayler::adapters
