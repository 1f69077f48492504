// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/raster/raster.hpp"
#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstdint>

namespace stayler::adapters {

/// How a picture is encoded.
struct encoding {
  image_format format = image_format::jpeg;  ///< JPEG, PNG or WebP
  std::uint32_t quality = 0;                 ///< 1 to 100; PNG has none
};

/// An upright picture in sRGB, encoded without any metadata. What is see-through becomes white in
/// JPEG; alpha that hides nothing is left out of the others.
result<encoded_image> encode(const raster& picture, const encoding& how);

/// JPEG, or PNG where something is see-through: for pictures whose format nobody has chosen.
image_format plain_format_of(const raster& picture) noexcept;

/// The picture reduced to that longest side and encoded in its plain format.
result<encoded_image> make_thumbnail(const raster& picture, std::size_t longest_side);

}  // namespace stayler::adapters
