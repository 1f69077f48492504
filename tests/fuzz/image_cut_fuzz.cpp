// SPDX-License-Identifier: MIT

// Whatever is taken for a picture: without its metadata it is still one, of the same size, with no
// chunk or segment that may not stay, and a second cut changes nothing.
#include "adapters/image_codec/probe/formats/png_chunks.hpp"
#include "adapters/image_codec/probe/formats/webp_chunks.hpp"
#include "adapters/image_codec/probe/image_probe.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_metadata.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

using namespace stayler;
using namespace stayler::adapters;
using stayler::fuzz::require;

namespace {

using bytes_view = std::span<const std::byte>;

void check_jpeg(bytes_view bytes, embedded_profile profile) {
  const auto layout = read_jpeg_layout(bytes);
  if (!layout) {
    return;
  }
  require(layout->end <= bytes.size());
  const auto once = cut_jpeg_metadata(bytes, *layout, profile);
  const auto cut_layout = read_jpeg_layout(once);
  require(cut_layout.has_value() && cut_layout->has_eoi && cut_layout->end == once.size());
  require(cut_layout->scans == layout->scans);
  require(cut_layout->frame.width == layout->frame.width);
  require(cut_layout->scanned_blocks == layout->scanned_blocks);
  for (const jpeg_segment& each : cut_layout->segments) {
    const bool may_stay = each.code == jpeg_code::app0 || each.code == jpeg_code::app14
                          || (each.code == jpeg_code::app2 && profile == embedded_profile::kept);
    require(each.code < jpeg_code::app0 || may_stay);
  }
  require(is_without_jpeg_metadata(once, *cut_layout, profile));
  require(cut_jpeg_metadata(once, *cut_layout, profile) == once);
  if (profile == embedded_profile::kept) {
    require(icc_profile_of(once, *cut_layout) == icc_profile_of(bytes, *layout));
  }
  require(adobe_transform(once, *cut_layout) == adobe_transform(bytes, *layout));
  require(has_jfif(once, *cut_layout) == has_jfif(bytes, *layout));
}

void check_png(bytes_view bytes) {
  const auto once = keep_needed_chunks(bytes);
  require(once.has_value() == check_chunks(bytes).has_value());
  if (!once) {
    fuzz::require_reason(once.error());
    return;
  }
  constexpr std::array<std::string_view, 5> metadata{"tEXt", "zTXt", "iTXt", "eXIf", "tIME"};
  png_walker walker{*once};
  while (const auto chunk = walker.next()) {
    require(std::ranges::find(metadata, chunk->name) == metadata.end());
  }
  require(walker.is_complete());
  require(*keep_needed_chunks(*once) == *once);
}

void check_webp_cut(bytes_view bytes, embedded_profile profile) {
  if (!check_webp(bytes)) {
    return;
  }
  const auto before = *read_webp(bytes);
  if (before.is_animated) {
    return;
  }
  const auto once = cut_webp_metadata(bytes, profile);
  require(check_webp(once).has_value());
  const auto after = *read_webp(once);
  require(after.exif.empty() && after.width == before.width && after.height == before.height);
  require(cut_webp_metadata(once, profile) == once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span{data, size});
  const auto header = read_image_header(bytes);
  if (!header) {
    return 0;
  }
  for (const auto profile : {embedded_profile::kept, embedded_profile::dropped}) {
    if (header->info.format == image_format::jpeg) {
      check_jpeg(bytes, profile);
    } else if (header->info.format == image_format::webp) {
      check_webp_cut(bytes, profile);
    }
  }
  if (header->info.format == image_format::png) {
    check_png(bytes);
  }
  return 0;
}
