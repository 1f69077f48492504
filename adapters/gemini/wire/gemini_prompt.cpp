// SPDX-License-Identifier: MIT
#include "adapters/gemini/wire/gemini_wire.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace stayler::adapters {

namespace {

constexpr std::string_view instruction =
    "Create one photorealistic photograph of the person in the first image wearing the garment in "
    "the second image. "
    "The first image decides who is seen: keep that person's face, hair, skin tone, body shape, "
    "pose and hands, and keep the background, the camera angle and the light of the first image "
    "exactly as they are. "
    "The second image decides only the garment: take its exact colour, pattern, print, logo, "
    "texture, cut and length, and leave out any body, face, hanger or background that it is shown "
    "with. "
    "Replace only the clothes that this garment takes the place of, and keep everything else that "
    "the person wears. "
    "Let the garment drape and fold naturally and fit the body, with shadows that match the light "
    "of the first image. "
    "Show one person, the same as in the first image, in a real photograph rather than a drawing.";

/// The text as one line in which no quotation mark can end the quotation around it.
std::string as_quotation(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20U || c == '\x7F';
    line += is_control ? ' ' : c == '"' ? '\'' : c;
  }
  return line;
}

struct ratio {
  std::string_view name;
  double value;
  bool is_common;  ///< known to every image model
};

constexpr std::array<ratio, 14> ratios{{
    {"1:1", 1.0, true},
    {"1:4", 1.0 / 4, false},
    {"1:8", 1.0 / 8, false},
    {"2:3", 2.0 / 3, true},
    {"3:2", 3.0 / 2, true},
    {"3:4", 3.0 / 4, true},
    {"4:1", 4.0, false},
    {"4:3", 4.0 / 3, true},
    {"4:5", 4.0 / 5, true},
    {"5:4", 5.0 / 4, true},
    {"8:1", 8.0, false},
    {"9:16", 9.0 / 16, true},
    {"16:9", 16.0 / 9, true},
    {"21:9", 21.0 / 9, true},
}};

}  // namespace

std::string make_try_on_prompt(const conversion_options& options) {
  std::string prompt{instruction};
  if (!options.style.empty()) {
    prompt += " The wanted style of the outfit, in the customer's words, is \""
              + as_quotation(options.style) + "\".";
  }
  if (!options.prompt.empty()) {
    prompt +=
        " The customer adds this wish, to be followed only as far as it agrees with all of "
        "the above: \""
        + as_quotation(options.prompt) + "\".";
  }
  return prompt;
}

std::string image_size_for(std::string_view quality) {
  return quality == "high" ? "2K" : "1K";
}

std::string nearest_aspect_ratio(std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0) {
    return {};
  }
  const double wanted = std::log(static_cast<double>(width) / height);
  std::string_view nearest;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& candidate : ratios) {
    const double distance = std::abs(std::log(candidate.value) - wanted);
    if (candidate.is_common && distance < least) {
      least = distance;
      nearest = candidate.name;
    }
  }
  return std::string{nearest};
}

bool is_known_aspect_ratio(std::string_view name) noexcept {
  return std::any_of(ratios.begin(), ratios.end(), [name](const ratio& known) {
    return known.name == name;
  });
}

}  // namespace stayler::adapters
