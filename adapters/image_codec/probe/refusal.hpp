// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::adapters {

/// The failure for a picture that is not taken: invalid_input, with what was found and what is
/// allowed.
inline failure refusal(std::string why) {
  return {error_class::invalid_input, std::move(why), {}};
}

/// The refusal of a picture whose bytes end too early.
inline failure cut_off_refusal(std::string_view format, std::size_t bytes) {
  return refusal(
      "the " + std::string{format} + " picture is cut off: its " + std::to_string(bytes)
      + " bytes end before the picture does"
  );
}

/// The refusal of a picture with something wrong in its header.
inline failure header_refusal(std::string_view format, std::string_view what) {
  return refusal("the " + std::string{format} + " header " + std::string{what});
}

/// The refusal of a picture without pixels.
inline failure empty_picture_refusal(std::uint64_t width, std::uint64_t height) {
  return refusal(
      "the picture is " + std::to_string(width) + " x " + std::to_string(height)
      + " pixels; allowed: sides of at least 1"
  );
}

/// The refusal of a picture whose samples mean more light than a screen has.
inline failure hdr_refusal(std::string_view curve) {
  return refusal(
      "this is an HDR picture (" + std::string{curve} + "); allowed: SDR or HDR with an SDR base"
  );
}

}  // namespace stayler::adapters
