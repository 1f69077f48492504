// SPDX-License-Identifier: MIT
#include "tests/support/pictures/heif_pictures.hpp"

#include <algorithm>
#include <libheif/heif.h>
#include <memory>
#include <stdexcept>
#include <string>

namespace stayler::test {

namespace {

void require(const heif_error& error) {
  if (error.code != heif_error_Ok) {
    throw std::runtime_error{"libheif: " + std::string{error.message}};
  }
}

using context_pointer = std::unique_ptr<heif_context, decltype(&heif_context_free)>;
using image_pointer = std::unique_ptr<const heif_image, decltype(&heif_image_release)>;
using handle_pointer =
    std::unique_ptr<const heif_image_handle, decltype(&heif_image_handle_release)>;
using encoder_pointer = std::unique_ptr<heif_encoder, decltype(&heif_encoder_release)>;
using options_pointer =
    std::unique_ptr<heif_encoding_options, decltype(&heif_encoding_options_free)>;
using nclx_pointer =
    std::unique_ptr<heif_color_profile_nclx, decltype(&heif_nclx_color_profile_free)>;

std::array<std::uint8_t, 3> pixel_at(const heif_kind& kind, std::size_t x, std::size_t y) {
  if (kind.colour != std::array<std::uint8_t, 3>{}) {
    return kind.colour;
  }
  const bool is_right = x >= kind.width / 2;
  if (y < kind.height / 2) {
    return is_right ? std::array<std::uint8_t, 3>{0, 255, 0}
                    : std::array<std::uint8_t, 3>{255, 0, 0};
  }
  return is_right ? std::array<std::uint8_t, 3>{255, 255, 255}
                  : std::array<std::uint8_t, 3>{0, 0, 255};
}

void paint_rgb(heif_image* image, const heif_kind& kind) {
  const int width = static_cast<int>(kind.width);
  const int height = static_cast<int>(kind.height);
  require(heif_image_add_plane(image, heif_channel_interleaved, width, height, 8));
  int row_bytes = 0;
  std::uint8_t* plane = heif_image_get_plane(image, heif_channel_interleaved, &row_bytes);
  for (std::size_t y = 0; y < kind.height; ++y) {
    std::uint8_t* to = plane + y * static_cast<std::size_t>(row_bytes);
    for (std::size_t x = 0; x < kind.width; ++x) {
      const auto pixel = pixel_at(kind, x, y);
      to = std::copy(pixel.begin(), pixel.end(), to);
    }
  }
}

/// Y, Cb and Cr of ITU-T T.871, from 0 to 1.
std::array<double, 3> ycc_of(const std::array<std::uint8_t, 3>& pixel) {
  const double red = pixel[0] / 255.0;
  const double green = pixel[1] / 255.0;
  const double blue = pixel[2] / 255.0;
  const double luma = 0.299 * red + 0.587 * green + 0.114 * blue;
  return {luma, 0.5 + (blue - luma) / 1.772, 0.5 + (red - luma) / 1.402};
}

/// More than eight bits: planes as the encoders hold them.
void paint_ycc(heif_image* image, const heif_kind& kind) {
  const double highest = (1 << kind.bits) - 1;
  const heif_channel channels[] = {heif_channel_Y, heif_channel_Cb, heif_channel_Cr};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const std::size_t step = channel == 0 ? 1 : 2;
    const std::size_t width = (kind.width + step - 1) / step;
    const std::size_t height = (kind.height + step - 1) / step;
    require(heif_image_add_plane(
        image, channels[channel], static_cast<int>(width), static_cast<int>(height), kind.bits
    ));
    int row_bytes = 0;
    std::uint8_t* plane = heif_image_get_plane(image, channels[channel], &row_bytes);
    for (std::size_t y = 0; y < height; ++y) {
      std::uint8_t* to = plane + y * static_cast<std::size_t>(row_bytes);
      for (std::size_t x = 0; x < width; ++x) {
        const double value = ycc_of(pixel_at(kind, x * step, y * step))[channel];
        const auto level = static_cast<unsigned>(std::clamp(value * highest + 0.5, 0.0, highest));
        *to++ = static_cast<std::uint8_t>(level & 0xFFU);  // little-endian
        *to++ = static_cast<std::uint8_t>(level >> 8U);
      }
    }
  }
}

image_pointer make_pixels(const heif_kind& kind) {
  const bool is_rgb = kind.bits == 8;
  heif_image* image = nullptr;
  require(heif_image_create(
      static_cast<int>(kind.width), static_cast<int>(kind.height),
      is_rgb ? heif_colorspace_RGB : heif_colorspace_YCbCr,
      is_rgb ? heif_chroma_interleaved_RGB : heif_chroma_420, &image
  ));
  image_pointer owner{image, &heif_image_release};
  if (is_rgb) {
    paint_rgb(image, kind);
  } else {
    paint_ycc(image, kind);
  }
  const nclx_pointer nclx{heif_nclx_color_profile_alloc(), &heif_nclx_color_profile_free};
  require(heif_nclx_color_profile_set_color_primaries(nclx.get(), kind.primaries));
  require(heif_nclx_color_profile_set_transfer_characteristics(nclx.get(), kind.transfer));
  require(heif_nclx_color_profile_set_matrix_coefficients(nclx.get(), 6));
  nclx->full_range_flag = 1;
  require(heif_image_set_nclx_color_profile(image, nclx.get()));
  return owner;
}

encoder_pointer make_encoder(heif_context* context, const heif_kind& kind) {
  heif_encoder* encoder = nullptr;
  require(heif_context_get_encoder_for_format(
      context, kind.format == image_format::avif ? heif_compression_AV1 : heif_compression_HEVC,
      &encoder
  ));
  encoder_pointer owner{encoder, &heif_encoder_release};
  require(heif_encoder_set_lossy_quality(encoder, 95));
  if (kind.bits == 8 && kind.format == image_format::heic) {
    // Colours at full resolution.
    heif_encoder_set_parameter_string(encoder, "chroma", "444");
  }
  return owner;
}

heif_error append(heif_context*, const void* data, std::size_t size, void* target) {
  auto* bytes = static_cast<byte_vector*>(target);
  const auto* begin = static_cast<const std::byte*>(data);
  bytes->insert(bytes->end(), begin, begin + size);
  return {heif_error_Ok, heif_suberror_Unspecified, ""};
}

}  // namespace

byte_vector make_heif_picture(const heif_kind& kind) {
  const context_pointer context{heif_context_alloc(), &heif_context_free};
  const auto encoder = make_encoder(context.get(), kind);
  const auto pixels = make_pixels(kind);
  const options_pointer options{heif_encoding_options_alloc(), &heif_encoding_options_free};
  options->macOS_compatibility_workaround_no_nclx_profile = 0;
  options->image_orientation = static_cast<heif_orientation>(kind.turning);
  heif_image_handle* made = nullptr;
  require(
      heif_context_encode_image(context.get(), pixels.get(), encoder.get(), options.get(), &made)
  );
  const handle_pointer handle{made, &heif_image_handle_release};
  if (kind.exif_orientation != 0) {
    // The segment of a JPEG, behind its "Exif\0\0".
    const byte_vector jpeg = with_exif(bytes_of("\xFF\xD8"), kind.exif_orientation);
    require(heif_context_add_exif_metadata(
        context.get(), made, jpeg.data() + 6, static_cast<int>(jpeg.size() - 6)
    ));
  }
  byte_vector bytes;
  heif_writer writer{1, &append};
  require(heif_context_write(context.get(), &writer, &bytes));
  return bytes;
}

}  // namespace stayler::test
