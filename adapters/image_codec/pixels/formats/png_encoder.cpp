// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/formats/png_encoder.hpp"

#include "adapters/image_codec/pixels/formats/png_errors.hpp"

#include <new>

namespace stayler::adapters {

namespace {

class libpng_encoder {
 public:
  libpng_encoder() {
    png_ = png_create_write_struct(
        PNG_LIBPNG_VER_STRING, &errors_, &png_errors::leave, &png_errors::pass_over
    );
    info_ = png_ != nullptr ? png_create_info_struct(png_) : nullptr;
    if (info_ == nullptr) {
      png_destroy_write_struct(&png_, nullptr);
      throw std::bad_alloc{};
    }
  }
  libpng_encoder(const libpng_encoder&) = delete;
  libpng_encoder& operator=(const libpng_encoder&) = delete;
  ~libpng_encoder() { png_destroy_write_struct(&png_, &info_); }

  /// False on a fatal error.
  bool write(const raster& picture) {
    return errors_.attempt([this, &picture] {
      png_set_write_fn(png_, this, &libpng_encoder::write_bytes, nullptr);
      // zlib's level 6 takes twice the time for a photograph and makes it no smaller.
      png_set_compression_level(png_, 4);
      png_set_filter(png_, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
      png_set_IHDR(
          png_, info_, static_cast<png_uint_32>(picture.size().width),
          static_cast<png_uint_32>(picture.size().height), 8,
          picture.kind() == pixel_kind::rgba ? PNG_COLOR_TYPE_RGBA : PNG_COLOR_TYPE_RGB,
          PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT
      );
      png_write_info(png_, info_);
      for (std::size_t y = 0; y < picture.size().height; ++y) {
        png_write_row(png_, picture.row(y).data());
      }
      png_write_end(png_, info_);
    });
  }

  [[nodiscard]] bool is_out_of_memory() const { return is_out_of_memory_; }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }
  [[nodiscard]] const png_errors& errors() const { return errors_; }

 private:
  /// No exception may pass through the library.
  bool append(const std::byte* bytes, std::size_t count) noexcept {
    try {
      bytes_.insert(bytes_.end(), bytes, bytes + count);
    } catch (const std::bad_alloc&) {
      is_out_of_memory_ = true;
    }
    return !is_out_of_memory_;
  }

  static void write_bytes(png_structp png, png_bytep bytes, png_size_t count) {
    auto* self = static_cast<libpng_encoder*>(png_get_io_ptr(png));
    if (!self->append(reinterpret_cast<const std::byte*>(bytes), count)) {
      png_error(png, "out of memory");
    }
  }

  png_errors errors_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::vector<std::byte> bytes_;
  bool is_out_of_memory_ = false;
};

}  // namespace

result<std::vector<std::byte>> encode_png(const raster& picture) {
  libpng_encoder encoder;
  if (encoder.write(picture)) {
    return encoder.take();
  }
  if (encoder.is_out_of_memory()) {
    throw std::bad_alloc{};
  }
  return failure{
      error_class::invalid_input,
      "the picture cannot be written as PNG: " + encoder.errors().words(),
      {}};
}

}  // namespace stayler::adapters
