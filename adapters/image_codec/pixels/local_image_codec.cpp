// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/local_image_codec.hpp"

#include "adapters/image_codec/image_check.hpp"
#include "adapters/image_codec/image_geometry.hpp"
#include "adapters/image_codec/pixels/formats/magick_decoder.hpp"
#include "adapters/image_codec/pixels/picture_encoder.hpp"
#include "adapters/image_codec/pixels/picture_file.hpp"
#include "adapters/image_codec/pixels/raster/resize.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace stayler::adapters {

namespace {

/// For uploads that have to be encoded anew: what is stored is what later calls start from.
constexpr std::uint32_t upload_quality = 92;

/// Runs what decodes and encodes; no exception gets past here.
template <class Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return failure{error_class::unavailable, "no memory for the picture", {}};
  } catch (const std::exception& error) {
    return failure{error_class::internal_bug, "the codec failed: " + std::string{error.what()}, {}};
  }
}

std::span<const std::byte> span_of(const shared_bytes& bytes) {
  return bytes != nullptr ? std::span{*bytes} : std::span<const std::byte>{};
}

/// In which format an upload or an unconverted result is stored: its own where all browsers show
/// it.
image_format stored_format_of(image_format source) {
  switch (source) {
    case image_format::png:
    case image_format::webp:
      return source;
    case image_format::gif:
    case image_format::bmp:
      return image_format::png;
    default:
      return image_format::jpeg;
  }
}

encoded_image encoded(std::vector<std::byte> bytes, image_format format, extent size) {
  return {
      std::make_shared<const std::vector<std::byte>>(std::move(bytes)),
      {format, static_cast<std::uint32_t>(size.width), static_cast<std::uint32_t>(size.height)}};
}

/// The file without its metadata; the very same bytes where it has none.
encoded_image bare(const shared_bytes& bytes, const picture_file& file, embedded_profile profile) {
  auto cut = file.without_metadata(profile);
  auto picture = encoded({}, file.format(), file.size());
  picture.bytes =
      cut == *bytes ? bytes : std::make_shared<const std::vector<std::byte>>(std::move(cut));
  return picture;
}

/// The resize first, then the part in the middle where the shape of the box is to be filled.
raster apply_resize(raster picture, const image_operation& operation) {
  const resize_plan plan = plan_resize(picture.size(), operation);
  return cropped_to_middle(resized(std::move(picture), plan.scaled), plan.cropped);
}

class local_image_codec final : public image_codec {
 public:
  explicit local_image_codec(const codec_limits& limits) : limits_(limits) {}

  result<sanitized_image> sanitize(const shared_bytes& bytes) override {
    return guarded([&]() -> result<sanitized_image> {
      const auto file = picture_file::open(span_of(bytes), limits_);
      if (!file) {
        return file.error();
      }
      auto content = sanitized(bytes, *file);
      if (!content) {
        return std::move(content).error();
      }
      return sanitized_image{std::move(*content), file->format()};
    });
  }

  result<prepared_image> prepare(const shared_bytes& bytes) override {
    return guarded([&]() -> result<prepared_image> {
      const auto file = picture_file::open(span_of(bytes), limits_);
      if (!file) {
        return file.error();
      }
      const auto [width, height] = file->size();
      const bool is_fit = file->is_upright() && file->is_separable()
                          && std::max(width, height) <= limits_.provider_side && file->is_srgb();
      return is_fit && file->format() == image_format::jpeg ? passed_on(bytes, *file)
             : is_fit && file->format() == image_format::png
                 ? passed_on_if_transparent(bytes, *file)
                 : made_fit(*file);
    });
  }

  result<finished_image> finish(
      const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
  ) override {
    auto finished = guarded([&] { return finish_valid(bytes, format, inputs); });
    if (!finished && finished.error().kind == error_class::invalid_input) {
      finished.error().kind = error_class::no_image;
    }
    return finished;
  }

  result<finished_image> transform(
      const shared_bytes& bytes, const std::vector<image_operation>& operations
  ) override {
    return guarded([&]() -> result<finished_image> {
      const auto file = picture_file::open(span_of(bytes), limits_);
      if (!file) {
        return file.error();
      }
      if (auto valid = check_operations(operations); !valid) {
        return std::move(valid).error();
      }
      auto picture = file->decode_covering(extent_needed(file->size(), operations));
      if (!picture) {
        return std::move(picture).error();
      }
      return apply(std::move(*picture), stored_format_of(file->format()), operations);
    });
  }

 private:
  // Sanitizing.

  result<finished_image> sanitized(const shared_bytes& bytes, const picture_file& file) {
    const bool is_shown_by_browsers = stored_format_of(file.format()) == file.format();
    if (is_shown_by_browsers && file.is_upright() && file.is_separable()) {
      return with_thumbnail(bare(bytes, file, embedded_profile::kept), file);
    }
    if (auto turned = file.turned_losslessly()) {
      return with_thumbnail(encoded(std::move(*turned), file.format(), file.size()), file);
    }
    const auto picture = file.decode();
    if (!picture) {
      return picture.error();
    }
    const bool is_see_through = !is_opaque(*picture);
    const image_format format = stored_format_of(file.format());
    const bool loses_alpha = is_see_through && format == image_format::jpeg;
    return finish_pixels(
        *picture, {loses_alpha ? image_format::png : format, upload_quality}, limits_.thumbnail_side
    );
  }

  /// Proves the file whole by decoding it as small as a thumbnail needs it.
  result<finished_image> with_thumbnail(encoded_image picture, const picture_file& file) {
    const auto small = file.decode_covering(contain(file.size(), limits_.thumbnail_side));
    if (!small) {
      return small.error();
    }
    auto thumbnail = make_thumbnail(*small, limits_.thumbnail_side);
    if (!thumbnail) {
      return std::move(thumbnail).error();
    }
    return finished_image{std::move(picture), std::move(*thumbnail)};
  }

  // Preparing.

  result<prepared_image> passed_on(const shared_bytes& bytes, const picture_file& file) {
    // As finish() decodes: at an eighth the last row may be half a pixel more than the picture has,
    // and a signature of other rows would not know the same picture again.
    const auto small = file.decode_covering(contain(file.size(), limits_.thumbnail_side));
    if (!small) {
      return small.error();
    }
    return prepared_image{bare(bytes, file, embedded_profile::dropped), signature_of(*small)};
  }

  result<prepared_image> passed_on_if_transparent(
      const shared_bytes& bytes, const picture_file& file
  ) {
    const auto picture = file.decode();
    if (!picture) {
      return picture.error();
    }
    if (is_opaque(*picture)) {
      return encoded_for_provider(*picture);
    }
    return prepared_image{bare(bytes, file, embedded_profile::dropped), signature_of(*picture)};
  }

  result<prepared_image> made_fit(const picture_file& file) {
    const auto picture = file.decode_within(limits_.provider_side);
    if (!picture) {
      return picture.error();
    }
    return encoded_for_provider(*picture);
  }

  result<prepared_image> encoded_for_provider(const raster& picture) {
    auto encoded = encode(picture, {plain_format_of(picture), limits_.jpeg_quality});
    if (!encoded) {
      return std::move(encoded).error();
    }
    return prepared_image{std::move(*encoded), signature_of(picture)};
  }

  // Finishing.

  result<finished_image> finish_valid(
      const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
  ) {
    const auto file = picture_file::open(span_of(bytes), limits_);
    if (!file) {
      return file.error();
    }
    const auto [width, height] = file->size();
    const image_info info{
        file->format(), static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
    if (auto sane = check_size(info, limits_.result_side); !sane) {
      return std::move(sane).error();
    }
    // Another encoding would only lose quality.
    const bool is_kept = file->format() == format && file->is_upright() && file->is_separable();
    const auto picture = is_kept
                             ? file->decode_covering(contain(file->size(), limits_.thumbnail_side))
                             : file->decode();
    if (!picture) {
      return picture.error();
    }
    if (auto sane = check_content(signature_of(*picture), inputs); !sane) {
      return std::move(sane).error();
    }
    if (!is_kept) {
      return finish_pixels(*picture, default_encoding(format), limits_.thumbnail_side);
    }
    auto thumbnail = make_thumbnail(*picture, limits_.thumbnail_side);
    if (!thumbnail) {
      return std::move(thumbnail).error();
    }
    return finished_image{bare(bytes, *file, embedded_profile::kept), std::move(*thumbnail)};
  }

  // Transforming.

  result<finished_image> apply(
      raster picture, image_format format, const std::vector<image_operation>& operations
  ) {
    encoding how = default_encoding(format);
    std::size_t thumbnail_side = limits_.thumbnail_side;
    for (const image_operation& operation : operations) {
      switch (operation.what) {
        case image_operation::kind::resize:
          picture = apply_resize(std::move(picture), operation);
          break;
        case image_operation::kind::thumbnail:
          thumbnail_side = operation.size;
          break;
        case image_operation::kind::convert:
          how = default_encoding(operation.format);
          how.quality = operation.quality != 0 ? operation.quality : how.quality;
          break;
        case image_operation::kind::strip:
          break;  // no metadata outlives the decoding
      }
    }
    return finish_pixels(picture, how, thumbnail_side);
  }

  [[nodiscard]] encoding default_encoding(image_format format) const {
    const bool is_webp = format == image_format::webp;
    return {format, is_webp ? limits_.webp_quality : limits_.jpeg_quality};
  }

  static result<finished_image> finish_pixels(
      const raster& picture, const encoding& how, std::size_t thumbnail_side
  ) {
    auto whole = encode(picture, how);
    if (!whole) {
      return std::move(whole).error();
    }
    auto thumbnail = make_thumbnail(picture, thumbnail_side);
    if (!thumbnail) {
      return std::move(thumbnail).error();
    }
    return finished_image{std::move(*whole), std::move(*thumbnail)};
  }

  codec_limits limits_;
};

}  // namespace

std::unique_ptr<image_codec> make_local_image_codec(const codec_limits& limits) {
  initialize_magick(limits.max_side);
  return std::make_unique<local_image_codec>(limits);
}

}  // namespace stayler::adapters
