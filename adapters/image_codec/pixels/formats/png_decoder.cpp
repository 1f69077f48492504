// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/formats/png_decoder.hpp"

#include "adapters/image_codec/pixels/formats/png_errors.hpp"
#include "adapters/image_codec/probe/formats/png_chunks.hpp"

#include <cmath>
#include <cstring>

namespace stayler::adapters {

namespace {

class libpng_decoder {
 public:
  explicit libpng_decoder(std::span<const std::byte> bytes) : unread_(bytes) {
    png_ = png_create_read_struct(
        PNG_LIBPNG_VER_STRING, &errors_, &png_errors::leave, &png_errors::pass_over
    );
    info_ = png_ != nullptr ? png_create_info_struct(png_) : nullptr;
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc{};
    }
  }
  libpng_decoder(const libpng_decoder&) = delete;
  libpng_decoder& operator=(const libpng_decoder&) = delete;
  ~libpng_decoder() { png_destroy_read_struct(&png_, &info_, nullptr); }

  /// Reads up to the picture's data, and chooses eight bits of RGB or RGBA. False on a fatal error,
  /// as below.
  bool open() {
    return errors_.attempt([this] {
      png_set_read_fn(png_, this, &libpng_decoder::read_bytes);
      png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
      png_read_info(png_, info_);
      is_grey_ = (png_get_color_type(png_, info_) & PNG_COLOR_MASK_COLOR) == 0;
      png_set_expand(png_);
      png_set_scale_16(png_);
      png_set_gray_to_rgb(png_);
      passes_ = png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
    });
  }

  [[nodiscard]] extent size() const {
    return {png_get_image_width(png_, info_), png_get_image_height(png_, info_)};
  }
  [[nodiscard]] pixel_kind kind() const {
    return png_get_channels(png_, info_) == 4 ? pixel_kind::rgba : pixel_kind::rgb;
  }
  [[nodiscard]] bool is_grey() const { return is_grey_; }

  bool read(raster& target) {
    return errors_.attempt([this, &target] {
      for (int pass = 0; pass < passes_; ++pass) {
        for (std::size_t y = 0; y < target.size().height; ++y) {
          png_read_row(png_, target.row(y).data(), nullptr);
        }
      }
    });
  }

  [[nodiscard]] std::vector<std::byte> profile() const {
    png_charp name = nullptr;
    int compression = 0;
    png_bytep bytes = nullptr;
    png_uint_32 size = 0;
    if (png_get_iCCP(png_, info_, &name, &compression, &bytes, &size) == 0) {
      return {};
    }
    const auto* begin = reinterpret_cast<const std::byte*>(bytes);
    return {begin, begin + size};
  }

  /// By gAMA and cHRM, where sRGB does not overrule them.
  [[nodiscard]] std::optional<rgb_space> space() const {
    rgb_space found;
    double gamma = 0;
    int intent = 0;
    if (png_get_sRGB(png_, info_, &intent) != 0 || png_get_gAMA(png_, info_, &gamma) == 0) {
      return std::nullopt;
    }
    constexpr double srgb_gamma = 0.45455;
    constexpr double steepest = 0.1;
    constexpr double flattest = 5;
    if (gamma < steepest || gamma > flattest) {
      return std::nullopt;
    }
    found.gamma = std::abs(gamma - srgb_gamma) <= 0.005 ? 0 : 1 / gamma;
    png_get_cHRM(
        png_, info_, &found.white[0], &found.white[1], &found.red[0], &found.red[1],
        &found.green[0], &found.green[1], &found.blue[0], &found.blue[1]
    );
    return found;
  }

  [[nodiscard]] const png_errors& errors() const { return errors_; }

 private:
  static void read_bytes(png_structp png, png_bytep target, png_size_t count) {
    auto* self = static_cast<libpng_decoder*>(png_get_io_ptr(png));
    if (count > self->unread_.size()) {
      png_error(png, "the file ends too early");
    }
    std::memcpy(target, self->unread_.data(), count);
    self->unread_ = self->unread_.subspan(count);
  }

  png_errors errors_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::span<const std::byte> unread_;
  bool is_grey_ = false;
  int passes_ = 1;
};

/// The RGB space of ITU-T H.273's numbers; nothing where it is not among those that pictures have.
std::optional<rgb_space> space_of(const png_coding& coding) {
  rgb_space space;
  switch (coding.primaries) {
    case 1:
      break;
    case 9:
      space = bt2020;
      break;
    case 12:
      space = display_p3;
      break;
    default:
      return std::nullopt;
  }
  constexpr std::uint8_t gamma_22 = 4;
  constexpr std::uint8_t linear = 8;
  // BT.709's curve is that of a camera; it is shown as sRGB's.
  space.gamma = coding.transfer == gamma_22 ? 2.2 : coding.transfer == linear ? 1 : 0;
  return space;
}

colour_meaning meaning_of(std::span<const std::byte> bytes, const libpng_decoder& decoder) {
  colour_meaning meaning;
  meaning.is_grey = decoder.is_grey();
  const auto facts = read_png(bytes);
  if (facts && facts->coding) {
    meaning.space = space_of(*facts->coding);
  }
  if (!meaning.space) {
    meaning.profile = decoder.profile();
    meaning.space = decoder.space();
  }
  return meaning;
}

failure bad_png(const libpng_decoder& decoder) {
  return {
      error_class::invalid_input,
      "the PNG picture's data is damaged: " + decoder.errors().words(),
      {}};
}

}  // namespace

result<colour_meaning> read_png_colours(std::span<const std::byte> bytes) {
  libpng_decoder decoder{bytes};
  if (!decoder.open()) {
    return bad_png(decoder);
  }
  return meaning_of(bytes, decoder);
}

result<decoded_picture> decode_png(std::span<const std::byte> bytes) {
  libpng_decoder decoder{bytes};
  if (!decoder.open()) {
    return bad_png(decoder);
  }
  decoded_picture picture{{decoder.size(), decoder.kind()}, meaning_of(bytes, decoder)};
  if (!decoder.read(picture.pixels)) {
    return bad_png(decoder);
  }
  return picture;
}

}  // namespace stayler::adapters
