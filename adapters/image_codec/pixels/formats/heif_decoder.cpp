// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/formats/heif_decoder.hpp"

#include <algorithm>
#include <libheif/heif.h>
#include <memory>
#include <string>

namespace stayler::adapters {

namespace {

template <class Value, void (*Release)(Value*)>
struct heif_release {
  void operator()(Value* value) const noexcept { Release(value); }
};
template <class Value, void (*Release)(Value*)>
using heif_owner = std::unique_ptr<Value, heif_release<Value, Release>>;

void release_handle(heif_image_handle* handle) {
  heif_image_handle_release(handle);
}
void release_image(heif_image* image) {
  heif_image_release(image);
}

using context_owner = heif_owner<heif_context, heif_context_free>;
using handle_owner = heif_owner<heif_image_handle, release_handle>;
using image_owner = heif_owner<heif_image, release_image>;
using options_owner = heif_owner<heif_decoding_options, heif_decoding_options_free>;
using nclx_owner = heif_owner<heif_color_profile_nclx, heif_nclx_color_profile_free>;

std::string heif_name_of(image_format format) {
  return format == image_format::avif ? "AVIF" : "HEIC";
}

failure bad_heif(image_format format, const std::string& what) {
  return {error_class::invalid_input, "the " + heif_name_of(format) + " picture " + what, {}};
}

failure failure_of(const heif_error& error, image_format format) {
  if (error.code == heif_error_Memory_allocation_error
      && error.subcode != heif_suberror_Security_limit_exceeded) {
    throw std::bad_alloc{};
  }
  if (error.code == heif_error_Unsupported_filetype
      || error.code == heif_error_Unsupported_feature) {
    return bad_heif(format, "is of a kind that is not read: " + std::string{error.message});
  }
  return bad_heif(format, "is incomplete or damaged: " + std::string{error.message});
}

bool has_failed(const heif_error& error) {
  return error.code != heif_error_Ok;
}

options_owner strict_options() {
  options_owner options{heif_decoding_options_alloc()};
  if (options == nullptr) {
    throw std::bad_alloc{};
  }
  constexpr std::uint8_t first_version_with_8_bits = 2;
  constexpr std::uint8_t first_version_with_strictness = 3;
  if (options->version >= first_version_with_8_bits) {
    options->convert_hdr_to_8bit = 1;
  }
  if (options->version >= first_version_with_strictness) {
    // Otherwise tiles that are missing are passed over.
    options->strict_decoding = 1;
  }
  return options;
}

/// The space of a picture without an ICC profile; a failure for those that have no SDR form.
result<std::optional<rgb_space>> space_of(const heif_image_handle* handle, image_format format) {
  heif_color_profile_nclx* found = nullptr;
  if (has_failed(heif_image_handle_get_nclx_color_profile(handle, &found)) || found == nullptr) {
    return std::optional<rgb_space>{};
  }
  const nclx_owner nclx{found};
  switch (nclx->transfer_characteristics) {
    case heif_transfer_characteristic_ITU_R_BT_2100_0_PQ:
      return bad_heif(format, "is an HDR picture (PQ); allowed: SDR or HDR with an SDR base");
    case heif_transfer_characteristic_ITU_R_BT_2100_0_HLG:
      return bad_heif(format, "is an HDR picture (HLG); allowed: SDR or HDR with an SDR base");
    default:
      break;
  }
  // The library applies the matrix and the range, but not the primaries.
  switch (nclx->color_primaries) {
    case heif_color_primaries_SMPTE_EG_432_1:
      return std::optional{display_p3};
    case heif_color_primaries_ITU_R_BT_2020_2_and_2100_0:
      return std::optional{bt2020};
    default:
      return std::optional<rgb_space>{};
  }
}

result<colour_meaning> meaning_of(const heif_image_handle* handle, image_format format) {
  auto space = space_of(handle, format);
  if (!space) {
    return std::move(space).error();
  }
  colour_meaning meaning{{}, *space, false};
  constexpr std::size_t largest_profile = std::size_t{4} << 20U;
  const std::size_t size = heif_image_handle_get_raw_color_profile_size(handle);
  if (size != 0 && size <= largest_profile) {
    meaning.profile.resize(size);
    if (has_failed(heif_image_handle_get_raw_color_profile(handle, meaning.profile.data()))) {
      meaning.profile.clear();
    }
  }
  return meaning;
}

result<image_owner> decode_pixels(
    const heif_image_handle* handle, pixel_kind kind, image_format format
) {
  heif_image* decoded = nullptr;
  const heif_error error = heif_decode_image(
      handle, &decoded, heif_colorspace_RGB,
      kind == pixel_kind::rgba ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
      strict_options().get()
  );
  image_owner image{decoded};
  if (has_failed(error)) {
    return failure_of(error, format);
  }
  if (heif_image_get_decoding_warnings(image.get(), 0, nullptr, 0) != 0) {
    return bad_heif(format, "is incomplete: part of its data is missing");
  }
  return image;
}

raster copy_of(const heif_image* image, pixel_kind kind) {
  int row_bytes = 0;
  const auto* data = heif_image_get_plane_readonly(image, heif_channel_interleaved, &row_bytes);
  const extent size{
      static_cast<std::size_t>(heif_image_get_width(image, heif_channel_interleaved)),
      static_cast<std::size_t>(heif_image_get_height(image, heif_channel_interleaved))};
  raster copy{size, kind};
  for (std::size_t y = 0; y < size.height; ++y) {
    std::copy_n(
        data + y * static_cast<std::size_t>(row_bytes), copy.row_bytes(), copy.row(y).data()
    );
  }
  return copy;
}

/// Of a premultiplied picture: what its colours are.
void divide_by_alpha(raster& picture) {
  const auto bytes = picture.bytes();
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    const unsigned alpha = bytes[i + 3];
    for (std::size_t channel = i; alpha != 0 && channel < i + 3; ++channel) {
      const unsigned value = (bytes[channel] * 255U + alpha / 2) / alpha;
      bytes[channel] = static_cast<std::uint8_t>(std::min(value, 255U));
    }
  }
}

result<decoded_picture> decode_handle(const heif_image_handle* handle, image_format format) {
  auto meaning = meaning_of(handle, format);
  if (!meaning) {
    return std::move(meaning).error();
  }
  const bool has_alpha = heif_image_handle_has_alpha_channel(handle) != 0;
  const pixel_kind kind = has_alpha ? pixel_kind::rgba : pixel_kind::rgb;
  const auto image = decode_pixels(handle, kind, format);
  if (!image) {
    return image.error();
  }
  decoded_picture picture{copy_of(image->get(), kind), std::move(*meaning)};
  if (has_alpha && heif_image_handle_is_premultiplied_alpha(handle) != 0) {
    divide_by_alpha(picture.pixels);
  }
  return picture;
}

}  // namespace

bool has_heif_decoder(image_format format) {
  return heif_have_decoder_for_format(
             format == image_format::avif ? heif_compression_AV1 : heif_compression_HEVC
         )
         != 0;
}

result<decoded_picture> decode_heif(
    std::span<const std::byte> bytes, image_format format, std::size_t longest_side
) {
  if (!has_heif_decoder(format)) {
    return failure{
        error_class::unavailable, "this server has no decoder for " + heif_name_of(format), {}};
  }
  const context_owner context{heif_context_alloc()};
  if (context == nullptr) {
    throw std::bad_alloc{};
  }
  heif_context_set_maximum_image_size_limit(context.get(), static_cast<int>(longest_side));
  // Tiles are decoded by the caller.
  heif_context_set_max_decoding_threads(context.get(), 0);
  auto error = heif_context_read_from_memory_without_copy(
      context.get(), bytes.data(), bytes.size(), nullptr
  );
  if (has_failed(error)) {
    return failure_of(error, format);
  }
  heif_image_handle* primary = nullptr;
  error = heif_context_get_primary_image_handle(context.get(), &primary);
  if (has_failed(error)) {
    return failure_of(error, format);
  }
  const handle_owner handle{primary};
  return decode_handle(handle.get(), format);
}

}  // namespace stayler::adapters
