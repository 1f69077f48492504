// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/jpeg/jpeg_encoder.hpp"

#include "adapters/image_codec/pixels/jpeg/jpeg_errors.hpp"

#include <algorithm>
#include <array>
#include <jerror.h>
#include <new>
#include <utility>

namespace stayler::adapters {

namespace {

/// An encoder that writes into memory that grows.
class libjpeg_encoder {
 public:
  /// `expected_bytes` is a guess.
  explicit libjpeg_encoder(std::size_t expected_bytes) : bytes_(expected_bytes) {
    codec_.err = errors_.manager();
    codec_.client_data = this;
    target_.init_destination = [](j_compress_ptr codec) { self(codec).offer(0); };
    target_.empty_output_buffer = [](j_compress_ptr codec) -> boolean {
      if (!self(codec).grow()) {
        ERREXIT1(codec, JERR_OUT_OF_MEMORY, 0);
      }
      return TRUE;
    };
    target_.term_destination = [](j_compress_ptr codec) { self(codec).finish(); };
  }
  libjpeg_encoder(const libjpeg_encoder&) = delete;
  libjpeg_encoder& operator=(const libjpeg_encoder&) = delete;
  ~libjpeg_encoder() { jpeg_destroy_compress(&codec_); }

  /// False on a fatal error.
  bool write(const raster& picture, std::uint32_t quality) {
    return errors_.attempt([this, &picture, quality] {
      jpeg_create_compress(&codec_);
      codec_.client_data = this;
      codec_.dest = &target_;
      start(picture.size(), quality);
      while (codec_.next_scanline < codec_.image_height) {
        write_some_rows(picture);
      }
      jpeg_finish_compress(&codec_);
    });
  }

  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }
  [[nodiscard]] const jpeg_errors& errors() const { return errors_; }

 private:
  static libjpeg_encoder& self(j_compress_ptr codec) {
    return *static_cast<libjpeg_encoder*>(codec->client_data);
  }

  void start(extent size, std::uint32_t quality) {
    codec_.image_width = static_cast<JDIMENSION>(size.width);
    codec_.image_height = static_cast<JDIMENSION>(size.height);
    codec_.input_components = 3;
    codec_.in_color_space = JCS_RGB;
    jpeg_set_defaults(&codec_);
    jpeg_set_quality(&codec_, static_cast<int>(quality), TRUE);
    codec_.dct_method = JDCT_ISLOW;
    jpeg_start_compress(&codec_, TRUE);
  }

  void write_some_rows(const raster& picture) {
    std::array<JSAMPROW, 16> rows;
    const auto first = std::size_t{codec_.next_scanline};
    const auto count = std::min(rows.size(), picture.size().height - first);
    for (std::size_t i = 0; i < count; ++i) {
      // The library's interface knows no const; it reads alone.
      rows[i] = const_cast<JSAMPROW>(picture.row(first + i).data());
    }
    jpeg_write_scanlines(&codec_, rows.data(), static_cast<JDIMENSION>(count));
  }

  /// Has the library write from there on.
  void offer(std::size_t position) {
    target_.next_output_byte = reinterpret_cast<JOCTET*>(bytes_.data() + position);
    target_.free_in_buffer = bytes_.size() - position;
  }

  /// Called by the library when all is full; no exception may pass through that.
  bool grow() noexcept {
    const std::size_t full = bytes_.size();
    try {
      bytes_.resize(2 * full);
    } catch (const std::bad_alloc&) {
      return false;
    }
    offer(full);
    return true;
  }

  void finish() { bytes_.resize(bytes_.size() - target_.free_in_buffer); }

  jpeg_errors errors_;
  jpeg_destination_mgr target_{};
  jpeg_compress_struct codec_{};
  std::vector<std::byte> bytes_;
};

}  // namespace

result<std::vector<std::byte>> encode_jpeg(const raster& picture, std::uint32_t quality) {
  constexpr std::size_t least_bytes = 4096;
  libjpeg_encoder encoder{std::max(least_bytes, picture.size().width * picture.size().height / 4)};
  if (!encoder.write(picture, quality)) {
    return failure{
        error_class::invalid_input,
        "the picture cannot be written as JPEG: " + encoder.errors().words(),
        {}};
  }
  return encoder.take();
}

}  // namespace stayler::adapters
