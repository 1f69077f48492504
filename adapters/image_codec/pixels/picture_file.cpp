// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/picture_file.hpp"

#include "adapters/image_codec/pixels/formats/heif_decoder.hpp"
#include "adapters/image_codec/pixels/formats/magick_decoder.hpp"
#include "adapters/image_codec/pixels/formats/png_decoder.hpp"
#include "adapters/image_codec/pixels/formats/webp_decoder.hpp"
#include "adapters/image_codec/pixels/jpeg/eighths.hpp"
#include "adapters/image_codec/pixels/jpeg/jpeg_decoder.hpp"
#include "adapters/image_codec/pixels/jpeg/jpeg_turning.hpp"
#include "adapters/image_codec/pixels/raster/resize.hpp"
#include "adapters/image_codec/probe/examination.hpp"
#include "adapters/image_codec/probe/exif_facts.hpp"
#include "adapters/image_codec/probe/formats/png_chunks.hpp"
#include "adapters/image_codec/probe/formats/webp_chunks.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

extent turned(extent size, orientation lies) {
  return swaps_sides(lies) ? extent{size.height, size.width} : size;
}

}  // namespace

result<picture_file> picture_file::open(
    std::span<const std::byte> bytes, const codec_limits& limits
) {
  const auto header = examine(bytes, limits);
  if (!header) {
    return header.error();
  }
  picture_file file{bytes, *header, limits};
  void_result sound = ok();
  if (file.format() == image_format::jpeg) {
    sound = file.look_into_jpeg();
  } else if (file.format() == image_format::png) {
    sound = file.look_into_png();
  } else if (file.format() == image_format::webp) {
    sound = file.look_into_webp();
  }
  if (!sound) {
    return std::move(sound).error();
  }
  return file;
}

void_result picture_file::look_into_jpeg() {
  auto layout = read_jpeg_layout(bytes_);
  if (!layout) {
    return std::move(layout).error();
  }
  jpeg_ = std::move(*layout);
  colours_.profile = icc_profile_of(bytes_, *jpeg_);
  colours_.is_grey = jpeg_->frame.component_count == 1;
  const bool is_adobe_rgb = read_exif(exif_of(bytes_, *jpeg_)).is_adobe_rgb;
  if (is_adobe_rgb && colours_.profile.empty()) {
    colours_.space = adobe_rgb;
  }
  is_separable_ = jpeg_->has_eoi && !colours_.space;
  return ok();
}

void_result picture_file::look_into_png() {
  auto needed = keep_needed_chunks(bytes_);
  if (!needed) {
    return std::move(needed).error();
  }
  png_ = std::move(*needed);
  auto colours = read_png_colours(png_);
  if (!colours) {
    return std::move(colours).error();
  }
  colours_ = std::move(*colours);
  is_separable_ = true;
  return ok();
}

void_result picture_file::look_into_webp() {
  const auto facts = read_webp(bytes_);
  if (!facts) {
    return facts.error();
  }
  colours_.profile.assign(facts->profile.begin(), facts->profile.end());
  is_separable_ = !facts->is_animated;
  return ok();
}

extent picture_file::size() const noexcept {
  return turned(stored_size(), header_.lies);
}

bool picture_file::is_srgb() const {
  const bool has_ink = jpeg_ && jpeg_->frame.component_count == 4;
  return !has_ink && adapters::is_srgb(colours_);
}

raster picture_file::shown(decoded_picture picture) const {
  return turned_upright(to_srgb(std::move(picture.pixels), picture.colours), header_.lies);
}

result<decoded_picture> picture_file::decode_stored(unsigned eighths) const {
  switch (format()) {
    case image_format::jpeg: {
      auto pixels = decode_jpeg(bytes_, *jpeg_, eighths);
      if (!pixels) {
        return std::move(pixels).error();
      }
      return decoded_picture{std::move(*pixels), colours_};
    }
    case image_format::png:
      return decode_png(png_);
    case image_format::webp:
      return decode_webp(bytes_);
    case image_format::heic:
    case image_format::avif:
      return decode_heif(bytes_, format(), limits_.max_side);
    default:
      return decode_with_magick(bytes_, header_.info);
  }
}

result<raster> picture_file::decode_shown(unsigned eighths) const {
  auto picture = decode_stored(eighths);
  if (!picture) {
    return std::move(picture).error();
  }
  return shown(std::move(*picture));
}

result<raster> picture_file::decode() const {
  return decode_shown(eighths_with_pixels(stored_size(), limits_.max_pixels));
}

result<raster> picture_file::decode_covering(extent needed) const {
  return decode_shown(eighths_covering(stored_size(), turned(needed, header_.lies)));
}

result<raster> picture_file::decode_within(std::size_t side) const {
  const unsigned eighths = eighths_within(stored_size(), side);
  auto picture = decode_stored(eighths_to_decode(eighths));
  if (!picture) {
    return std::move(picture).error();
  }
  if (picture->pixels.kind() == pixel_kind::cmyk) {
    picture = decoded_picture{to_srgb(std::move(picture->pixels), picture->colours), {}};
  }
  // Scaled first: the fewer pixels, the less there is to turn and to convert.
  const extent target = contain(scaled_to_eighths(stored_size(), eighths), side);
  picture->pixels = resized(std::move(picture->pixels), target);
  return shown(std::move(*picture));
}

std::vector<std::byte> picture_file::without_metadata(embedded_profile profile) const {
  if (jpeg_) {
    return cut_jpeg_metadata(bytes_, *jpeg_, profile);
  }
  return format() == image_format::png ? png_ : cut_webp_metadata(bytes_, profile);
}

std::optional<std::vector<std::byte>> picture_file::turned_losslessly() const {
  // Without its EXIF block a picture in Adobe RGB would not be shown as such.
  if (!jpeg_ || colours_.space) {
    return std::nullopt;
  }
  const auto bare = cut_jpeg_metadata(bytes_, *jpeg_, embedded_profile::kept);
  auto turned = turn_losslessly(bare, header_.lies);
  const auto layout = turned ? read_jpeg_layout(*turned) : result<jpeg_layout>{jpeg_layout{}};
  if (!turned || !layout) {
    return std::nullopt;
  }
  return cut_jpeg_metadata(*turned, *layout, embedded_profile::kept);
}

}  // namespace stayler::adapters
