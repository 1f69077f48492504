// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/models/model_catalog.hpp"
#include "app/gemini_sim/requests/google_error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::sim {

/// A picture that came with a request: whole, of a format that is accepted, not yet decoded.
struct input_image {
  std::vector<std::byte> bytes;
  std::string mime_type;  ///< as the caller named it
  std::string field;      ///< where it stood, for error messages
};

/// A valid request, reduced to what the simulator acts on.
struct generate_request {
  std::string prompt;  ///< all text parts, a line each
  std::vector<input_image> images;
  bool wants_text = true;
  bool wants_picture = false;
  const aspect_ratio* ratio = nullptr;  ///< null: nothing was asked for
  const image_size* size = nullptr;     ///< null for a model without picture output
  std::uint32_t thought_tokens = 0;
  bool include_thoughts = false;
  bool is_flex = false;  ///< to be made when there is room
};

/// Requests beyond this are refused.
inline constexpr std::size_t max_request_bytes = 100ULL * 1024 * 1024;

/// Reads and checks the body of generateContent and streamGenerateContent.
checked<generate_request> read_generate_request(std::string_view body, const model& asked);

/// Reads and checks the body of countTokens.
checked<generate_request> read_count_request(std::string_view body, const model& asked);

}  // namespace stayler::sim
