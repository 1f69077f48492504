// SPDX-License-Identifier: MIT
#include "messages/image.hpp"

namespace stayler {

std::string_view mime_type_of(image_format format) noexcept {
  switch (format) {
    case image_format::png:
      return "image/png";
    case image_format::webp:
      return "image/webp";
    case image_format::jpeg:
      break;
  }
  return "image/jpeg";
}

std::string_view file_ending_of(image_format format) noexcept {
  switch (format) {
    case image_format::png:
      return "png";
    case image_format::webp:
      return "webp";
    case image_format::jpeg:
      break;
  }
  return "jpg";
}

std::optional<image_format> parse_image_format(std::string_view name) noexcept {
  if (name == "jpeg" || name == "jpg") {
    return image_format::jpeg;
  }
  if (name == "png") {
    return image_format::png;
  }
  if (name == "webp") {
    return image_format::webp;
  }
  return std::nullopt;
}

}  // namespace stayler
