// SPDX-License-Identifier: MIT
#include "app/gemini_sim/pictures/picture_format.hpp"

#include <string>

namespace stayler::sim {

std::string_view format_of(std::span<const std::byte> bytes) noexcept {
  const std::string_view head{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  if (head.starts_with("\xFF\xD8\xFF")) {
    return "JPEG";
  }
  if (head.starts_with("\x89PNG\r\n\x1A\n")) {
    return "PNG";
  }
  if (head.starts_with("RIFF") && head.substr(0, 12).ends_with("WEBP")) {
    return "WEBP";
  }
  const auto brand = head.size() < 12 ? std::string_view{} : head.substr(8, 4);
  if (head.substr(0, 8).ends_with("ftyp")
      && (brand == "heic" || brand == "heix" || brand == "mif1" || brand == "heim")) {
    return "HEIC";
  }
  return {};
}

google_error unreadable_picture(std::string_view field) {
  return invalid_fields(
      {{std::string{field}, "Unable to process input image. Please retry with another picture."}}
  );
}

}  // namespace stayler::sim
