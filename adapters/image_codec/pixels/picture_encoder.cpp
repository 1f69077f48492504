// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/picture_encoder.hpp"

#include "adapters/image_codec/pixels/formats/png_encoder.hpp"
#include "adapters/image_codec/pixels/formats/webp_encoder.hpp"
#include "adapters/image_codec/pixels/jpeg/jpeg_encoder.hpp"
#include "adapters/image_codec/pixels/raster/resize.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

using encoded_bytes = result<std::vector<std::byte>>;

encoded_bytes encode_as_it_is(const raster& picture, const encoding& how) {
  switch (how.format) {
    case image_format::png:
      return encode_png(picture);
    case image_format::webp:
      return encode_webp(picture, how.quality);
    default:
      return encode_jpeg(picture, how.quality);
  }
}

encoded_bytes encode_pixels(const raster& picture, const encoding& how) {
  if (picture.kind() != pixel_kind::rgba) {
    return encode_as_it_is(picture, how);
  }
  if (is_opaque(picture)) {
    return encode_as_it_is(without_alpha(picture), how);
  }
  return how.format == image_format::jpeg ? encode_as_it_is(on_white(picture), how)
                                          : encode_as_it_is(picture, how);
}

}  // namespace

result<encoded_image> encode(const raster& picture, const encoding& how) {
  auto bytes = encode_pixels(picture, how);
  if (!bytes) {
    return std::move(bytes).error();
  }
  const auto [width, height] = picture.size();
  return encoded_image{
      std::make_shared<const std::vector<std::byte>>(std::move(*bytes)),
      {how.format, static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)}};
}

image_format plain_format_of(const raster& picture) noexcept {
  return is_opaque(picture) ? image_format::jpeg : image_format::png;
}

result<encoded_image> make_thumbnail(const raster& picture, std::size_t longest_side) {
  constexpr std::uint32_t quality = 80;
  const extent target = contain(picture.size(), longest_side);
  if (target == picture.size()) {
    return encode(picture, {plain_format_of(picture), quality});
  }
  const raster small = scaled(picture, target);
  return encode(small, {plain_format_of(small), quality});
}

}  // namespace stayler::adapters
