// SPDX-License-Identifier: MIT
#pragma once

#include "messages/images/image.hpp"

#include <span>
#include <string_view>

namespace stayler::app {

/// A picture as hex digits.
struct warm_up_picture {
  image_format format;
  std::string_view hex;
};

/// A picture of 16 x 16 pixels in each format that is read and not written. The others are made
/// from the PNG, which comes first and is transparent, so that it is put on white, too. (Made by
/// ImageMagick's convert and libheif's heif-enc.)
std::span<const warm_up_picture> warm_up_pictures() noexcept;

}  // namespace stayler::app
