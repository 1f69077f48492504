// SPDX-License-Identifier: MIT

// Decodes JPEG with libjpeg-turbo's own interface: TurboJPEG tells a missing EOI from half a
// picture by nothing, and hides the warnings by which this can be told.
#include "adapters/image_codec/pixels/jpeg/jpeg_decoder.hpp"

#include "adapters/image_codec/pixels/jpeg/eighths.hpp"
#include "adapters/image_codec/pixels/jpeg/jpeg_errors.hpp"

#include <algorithm>
#include <array>

namespace stayler::adapters {

namespace {

failure bad_jpeg(const std::string& what) {
  return {error_class::invalid_input, "the JPEG picture " + what, {}};
}

/// A decoder on bytes in memory, followed by as many EOIs as it asks for.
class libjpeg_decoder {
 public:
  explicit libjpeg_decoder(std::span<const std::byte> bytes) {
    codec_.err = errors_.manager();
    source_.next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
    source_.bytes_in_buffer = bytes.size();
    source_.init_source = [](j_decompress_ptr) {};
    source_.fill_input_buffer = invent_end;
    source_.skip_input_data = skip;
    source_.resync_to_restart = jpeg_resync_to_restart;
    source_.term_source = [](j_decompress_ptr) {};
  }
  libjpeg_decoder(const libjpeg_decoder&) = delete;
  libjpeg_decoder& operator=(const libjpeg_decoder&) = delete;
  ~libjpeg_decoder() { jpeg_destroy_decompress(&codec_); }

  /// Reads the header and chooses the scale and the colour model. False on a fatal error, as below.
  bool open(unsigned eighths) {
    return errors_.attempt([this, eighths] {
      jpeg_create_decompress(&codec_);
      codec_.src = &source_;
      codec_.mem->max_memory_to_use = most_memory;
      jpeg_read_header(&codec_, TRUE);
      codec_.scale_num = eighths;
      codec_.scale_denom = all_eighths;
      codec_.dct_method = JDCT_ISLOW;
      const bool has_ink =
          codec_.jpeg_color_space == JCS_CMYK || codec_.jpeg_color_space == JCS_YCCK;
      codec_.out_color_space = has_ink ? JCS_CMYK : JCS_RGB;
      jpeg_calc_output_dimensions(&codec_);
    });
  }

  [[nodiscard]] extent output_size() const { return {codec_.output_width, codec_.output_height}; }
  [[nodiscard]] pixel_kind output_kind() const {
    return codec_.out_color_space == JCS_CMYK ? pixel_kind::cmyk : pixel_kind::rgb;
  }

  /// Decodes all rows. It does not go on to the EOI: what stands before that may be no JPEG at all.
  bool read(raster& target) {
    return errors_.attempt([this, &target] {
      jpeg_start_decompress(&codec_);
      while (codec_.output_scanline < codec_.output_height) {
        read_some_rows(target);
      }
    });
  }

  /// Adobe's programs store the absence of ink.
  [[nodiscard]] bool is_inverted() const { return codec_.saw_Adobe_marker != 0; }

  /// Whether the scans have given every component, and every bit of it where `all_bits` is wanted.
  [[nodiscard]] bool is_complete(bool all_bits) const {
    for (int i = 0; i < codec_.num_components; ++i) {
      // A component gets its table in its first scan.
      if (codec_.comp_info[i].quant_table == nullptr) {
        return false;
      }
      const auto* missing = codec_.coef_bits != nullptr ? codec_.coef_bits[i] : nullptr;
      const auto is_missing = [](int bits) { return bits != 0; };
      if (missing != nullptr
          && (missing[0] < 0 || (all_bits && std::any_of(missing, missing + DCTSIZE2, is_missing))
          )) {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] const jpeg_errors& errors() const { return errors_; }

 private:
  static constexpr long most_memory = 600L << 20U;

  /// As many as the decoder makes at once.
  void read_some_rows(raster& target) {
    std::array<JSAMPROW, 8> rows;
    const auto first = std::size_t{codec_.output_scanline};
    const auto wanted = std::min(rows.size(), target.size().height - first);
    for (std::size_t i = 0; i < wanted; ++i) {
      rows[i] = target.row(first + i).data();
    }
    jpeg_read_scanlines(&codec_, rows.data(), static_cast<JDIMENSION>(wanted));
  }

  static boolean invent_end(j_decompress_ptr codec) {
    static constexpr JOCTET end[] = {0xFF, JPEG_EOI};
    codec->src->next_input_byte = end;
    codec->src->bytes_in_buffer = sizeof end;
    return TRUE;
  }

  static void skip(j_decompress_ptr codec, long count) {
    auto& source = *codec->src;
    const auto wanted = static_cast<std::size_t>(std::max(0L, count));
    if (wanted > source.bytes_in_buffer) {
      invent_end(codec);
      return;
    }
    source.next_input_byte += wanted;
    source.bytes_in_buffer -= wanted;
  }

  jpeg_errors errors_;
  jpeg_source_mgr source_{};
  jpeg_decompress_struct codec_{};
};

void invert(raster& picture) {
  for (std::uint8_t& value : picture.bytes()) {
    value = static_cast<std::uint8_t>(255 - value);
  }
}

}  // namespace

result<raster> decode_jpeg(
    std::span<const std::byte> bytes, const jpeg_layout& layout, unsigned eighths
) {
  libjpeg_decoder decoder{bytes.first(layout.end)};
  if (!decoder.open(eighths)) {
    return bad_jpeg("cannot be decoded: " + decoder.errors().words());
  }
  raster picture{decoder.output_size(), decoder.output_kind()};
  if (!decoder.read(picture)) {
    return bad_jpeg("cannot be decoded: " + decoder.errors().words());
  }
  if (const char* loss = decoder.errors().loss()) {
    return bad_jpeg(loss);
  }
  if (!decoder.is_complete(!layout.has_eoi)) {
    return bad_jpeg("is cut off: some of its scans are missing");
  }
  if (picture.kind() == pixel_kind::cmyk && decoder.is_inverted()) {
    invert(picture);
  }
  return picture;
}

}  // namespace stayler::adapters
