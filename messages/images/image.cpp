// SPDX-License-Identifier: MIT
#include "messages/images/image.hpp"

#include <algorithm>

namespace stayler {

bool is_image_url(std::string_view image_id) noexcept {
  const auto begins_with = [image_id](std::string_view scheme) {
    const auto is_same_letter = [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
    };
    const auto begin = image_id.substr(0, scheme.size());
    return std::equal(begin.begin(), begin.end(), scheme.begin(), scheme.end(), is_same_letter);
  };
  return begins_with("http://") || begins_with("https://");
}

std::string_view mime_type_of(image_format format) noexcept {
  switch (format) {
    case image_format::jpeg:
      return "image/jpeg";
    case image_format::png:
      return "image/png";
    case image_format::webp:
      return "image/webp";
    case image_format::gif:
      return "image/gif";
    case image_format::bmp:
      return "image/bmp";
    case image_format::tiff:
      return "image/tiff";
    case image_format::heic:
      return "image/heic";
    case image_format::avif:
      return "image/avif";
  }
  return "application/octet-stream";
}

std::string_view file_ending_of(image_format format) noexcept {
  if (format == image_format::jpeg) {
    return "jpg";
  }
  std::string_view name = mime_type_of(format);
  name.remove_prefix(name.find('/') + 1);
  return name;
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
