// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/requests/google_error.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace stayler::sim {

/// ImageMagick's name for the format that the first bytes tell, empty where it is none that Gemini
/// takes. Naming the decoder keeps foreign bytes from choosing one of ImageMagick's many others.
std::string_view format_of(std::span<const std::byte> bytes) noexcept;

inline bool is_accepted_picture(std::span<const std::byte> bytes) noexcept {
  return !format_of(bytes).empty();
}

/// What a picture gets whose bytes do not decode.
google_error unreadable_picture(std::string_view field);

}  // namespace stayler::sim
