// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/raster/colour.hpp"

#include "adapters/image_codec/pixels/raster/icc_transform.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

void apply_levels(raster& picture, const grey_levels& levels) {
  const std::size_t channels = picture.channels();
  const auto bytes = picture.bytes();
  for (std::size_t i = 0; i + channels <= bytes.size(); i += channels) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      bytes[i + channel] = levels[bytes[i + channel]];
    }
  }
}

/// RGB by the complement of each ink, as viewers do without a profile.
raster complement_of(const raster& cmyk) {
  raster rgb{cmyk.size(), pixel_kind::rgb};
  for (std::size_t y = 0; y < cmyk.size().height; ++y) {
    const std::uint8_t* from = cmyk.row(y).data();
    std::uint8_t* to = rgb.row(y).data();
    for (std::size_t x = 0; x < cmyk.size().width; ++x, from += 4, to += 3) {
      const unsigned paper = 255U - from[3];
      for (std::size_t channel = 0; channel < 3; ++channel) {
        to[channel] = static_cast<std::uint8_t>(((255U - from[channel]) * paper + 127U) / 255U);
      }
    }
  }
  return rgb;
}

raster converted(raster source, const icc_transform& transform) {
  if (source.kind() != pixel_kind::cmyk) {
    for (std::size_t y = 0; y < source.size().height; ++y) {
      transform.convert(source.row(y), source.row(y));
    }
    return source;
  }
  raster target{source.size(), pixel_kind::rgb};
  for (std::size_t y = 0; y < source.size().height; ++y) {
    transform.convert(source.row(y), target.row(y));
  }
  return target;
}

}  // namespace

bool is_srgb(const colour_meaning& meaning) {
  if (meaning.profile.empty()) {
    return !meaning.space || *meaning.space == rgb_space{};
  }
  const auto profile = open_profile(meaning.profile);
  if (profile == nullptr) {
    return true;
  }
  return is_srgb(*profile) && !(meaning.is_grey && levels_to_srgb(*profile));
}

raster to_srgb(raster source, const colour_meaning& meaning) {
  const bool is_cmyk = source.kind() == pixel_kind::cmyk;
  if (!is_cmyk && is_srgb(meaning)) {
    return source;
  }
  const std::vector<std::byte> profile =
      meaning.profile.empty() && meaning.space ? profile_of(*meaning.space) : meaning.profile;
  const auto opened = meaning.is_grey ? open_profile(profile) : nullptr;
  if (const auto levels = opened != nullptr ? levels_to_srgb(*opened) : std::nullopt) {
    apply_levels(source, *levels);
    return source;
  }
  if (const auto transform = find_transform(profile, source.kind())) {
    return converted(std::move(source), *transform);
  }
  return is_cmyk ? complement_of(source) : std::move(source);
}

}  // namespace stayler::adapters
