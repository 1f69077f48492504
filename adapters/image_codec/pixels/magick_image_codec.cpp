// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/magick_image_codec.hpp"

#include "adapters/image_codec/image_check.hpp"
#include "adapters/image_codec/image_geometry.hpp"
#include "adapters/image_codec/pixels/magick_means.hpp"
#include "adapters/image_codec/pixels/pixel_budget.hpp"
#include "adapters/image_codec/pixels/srgb_profile.hpp"
#include "adapters/image_codec/probe/examination.hpp"

#include <Magick++.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::uint32_t thumbnail_quality = 80;

extent extent_of(const Magick::Image& image) {
  return {image.columns(), image.rows()};
}

/// The library's words without its decoration: "Magick: WORDS `file' @ error/png.c/Read/12".
std::string words_of(const std::exception& error) {
  std::string text = error.what();
  for (const std::string_view end : {" @ ", " `"}) {
    text.resize(std::min(text.size(), text.find(end)));
  }
  const std::size_t colon = text.find(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

failure undecodable(image_format format, const std::string& why) {
  return {
      error_class::invalid_input,
      "cannot decode the picture (" + std::string{mime_type_of(format)} + "): " + why,
      {}};
}

/// Runs what uses the library; none of its exceptions gets past here. What it throws out of
/// decode() is handled there, so that here the fault is the surroundings' or the program's.
template <class Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const Magick::ErrorResourceLimit& error) {
    return failure{error_class::unavailable, "no room for the picture: " + words_of(error), {}};
  } catch (const Magick::ErrorCache& error) {
    return failure{error_class::unavailable, "no room for the picture: " + words_of(error), {}};
  } catch (const std::bad_alloc&) {
    return failure{error_class::unavailable, "no memory for the picture", {}};
  } catch (const std::exception& error) {
    return failure{error_class::internal_bug, "the image library failed: " + words_of(error), {}};
  }
}

const char* coder_of(image_format format) {
  switch (format) {
    case image_format::png:
      return "PNG";
    case image_format::webp:
      return "WEBP";
    case image_format::gif:
      return "GIF";
    case image_format::bmp:
      return "BMP";
    case image_format::tiff:
      return "TIFF";
    case image_format::heic:
      return "HEIC";
    case image_format::avif:
      return "AVIF";
    default:
      return "JPEG";
  }
}

/// libjpeg's warnings all come as "corrupt image", as it goes on with half a picture. The one that
/// does no harm is about bytes between segments, which some cameras leave behind.
bool is_harmless(const Magick::Warning& warning, image_format format) {
  if (dynamic_cast<const Magick::WarningCorruptImage*>(&warning) == nullptr) {
    return true;
  }
  return format == image_format::jpeg
         && std::string_view{warning.what()}.find("extraneous bytes before marker")
                != std::string_view::npos;
}

/// False for errors of the surroundings: no room, no such coder, forbidden by policy.xml.
bool is_about_the_bytes(const Magick::Exception& error) {
  return dynamic_cast<const Magick::ErrorResourceLimit*>(&error) == nullptr
         && dynamic_cast<const Magick::ErrorCache*>(&error) == nullptr
         && dynamic_cast<const Magick::ErrorMissingDelegate*>(&error) == nullptr
         && dynamic_cast<const Magick::ErrorPolicy*>(&error) == nullptr;
}

/// The pixels as stored, not yet upright. With `hint` a JPEG is decoded at an eighth to all of its
/// size, no smaller than the hint.
result<Magick::Image> decode(
    std::span<const std::byte> bytes, const image_info& info, extent hint
) {
  Magick::Image image;
  // The coder is named, so that it is not guessed from bytes that the probe did not look at.
  image.magick(coder_of(info.format));
  image.defineValue("jpeg", "size", std::to_string(hint.width) + "x" + std::to_string(hint.height));
  try {
    image.read(Magick::Blob{bytes.data(), bytes.size()});
  } catch (const Magick::Warning& warning) {
    if (!image.isValid() || !is_harmless(warning, info.format)) {
      return undecodable(info.format, words_of(warning));
    }
  } catch (const Magick::Exception& error) {
    if (!is_about_the_bytes(error)) {
      throw;
    }
    return undecodable(info.format, words_of(error));
  }
  // An error within PNG data comes as an image without pixels.
  if (!image.isValid() || image.columns() == 0 || image.rows() == 0) {
    return undecodable(info.format, "its data is damaged");
  }
  // From here on warnings are about the encoding and its metadata, and harm no pixel.
  image.quiet(true);
  return image;
}

Magick::Geometry exactly(extent size) {
  Magick::Geometry geometry{size.width, size.height};
  geometry.aspect(true);
  return geometry;
}

void resize(Magick::Image& image, extent target) {
  if (extent_of(image) == target) {
    return;
  }
  image.resize(exactly(target));
  image.repage();
}

/// By the embedded profile where there is one that can be used, else by the colour space's formula.
void to_srgb(Magick::Image& image) {
  const auto& srgb = srgb_profile();
  if (image.profile("icc").length() != 0 && !srgb.empty()) {
    try {
      image.profile("icc", Magick::Blob{srgb.data(), srgb.size()});
    } catch (const Magick::Error&) {
      // The profile is broken or of another colour model. Viewers ignore such a one, too.
      image.profile("icc", Magick::Blob{});
    }
  }
  if (image.colorSpace() != Magick::sRGBColorspace
      && image.colorSpace() != Magick::GRAYColorspace) {
    image.colorSpace(Magick::sRGBColorspace);
  }
}

bool is_upright(const Magick::Image& image) {
  return image.orientation() == Magick::UndefinedOrientation
         || image.orientation() == Magick::TopLeftOrientation;
}

image_signature signature_of(Magick::Image image) {
  constexpr std::size_t side = image_signature::side;
  if (image.colorSpace() == Magick::CMYKColorspace) {
    to_srgb(image);
  }
  Magick::Image means = means_of(image, side);
  means.autoOrient();
  to_srgb(means);
  std::array<std::uint8_t, 3 * side * side> rgb{};
  means.write(0, 0, side, side, "RGB", Magick::CharPixel, rgb.data());
  return make_signature(rgb);
}

void prepare_to_encode(
    Magick::Image& image,
    image_format format,
    std::uint32_t quality,
    Magick::InterlaceType jpeg_scans
) {
  image.magick(coder_of(format));
  image.depth(8);
  if (format == image_format::png) {
    // For PNG the number means zlib's level and the filter: 4, chosen row by row. Level 6 takes
    // twice the time for a photograph and makes it no smaller.
    image.quality(45);
    return;
  }
  image.quality(quality);
  if (format == image_format::jpeg) {
    if (!image.isOpaque()) {
      image.backgroundColor(Magick::Color{"white"});
      image.alphaChannel(Magick::RemoveAlphaChannel);
    }
    image.interlaceType(jpeg_scans);
    image.defineValue("jpeg", "sampling-factor", "2x2,1x1,1x1");
  }
}

/// JPEGs are progressive unless told otherwise: people see them earlier.
encoded_image encode(
    Magick::Image image,
    image_format format,
    std::uint32_t quality,
    Magick::InterlaceType jpeg_scans = Magick::JPEGInterlace
) {
  prepare_to_encode(image, format, quality, jpeg_scans);
  Magick::Blob blob;
  image.write(&blob);
  const auto* data = static_cast<const std::byte*>(blob.data());
  return {
      std::make_shared<const std::vector<std::byte>>(data, data + blob.length()),
      {format, static_cast<std::uint32_t>(image.columns()),
       static_cast<std::uint32_t>(image.rows())}};
}

/// The format for a picture whose use is not to be stored as the user wants it.
image_format plain_format(const Magick::Image& image) {
  return image.isOpaque() ? image_format::jpeg : image_format::png;
}

/// The resize first, then the part in the middle where the shape of the box is to be filled.
void apply_resize(Magick::Image& image, const image_operation& operation) {
  const resize_plan plan = plan_resize(extent_of(image), operation);
  resize(image, plan.scaled);
  if (plan.cropped != plan.scaled) {
    image.crop(Magick::Geometry{
        plan.cropped.width, plan.cropped.height,
        static_cast<::ssize_t>((plan.scaled.width - plan.cropped.width) / 2),
        static_cast<::ssize_t>((plan.scaled.height - plan.cropped.height) / 2)});
    image.repage();
  }
}

/// The format in which a picture is stored that is of no use to browsers, or has no encoder here.
image_format stored_format(image_format format) {
  switch (format) {
    case image_format::gif:
    case image_format::bmp:
      return image_format::png;
    case image_format::tiff:
    case image_format::heic:
    case image_format::avif:
      return image_format::jpeg;
    default:
      return format;
  }
}

/// What the operations of a transform amount to, apart from the pixels.
struct output_choice {
  image_format format = image_format::jpeg;
  std::uint32_t quality = 0;
  std::uint32_t thumbnail_side = 0;
  bool strip = false;
};

class magick_image_codec final : public image_codec {
 public:
  explicit magick_image_codec(const codec_limits& limits)
      : limits_(limits), budget_(limits.max_pixels) {}

  result<sanitized_image> sanitize(const shared_bytes& bytes) override {
    auto stored = transform(bytes, {image_operation{image_operation::kind::strip}});
    if (!stored) {
      return std::move(stored).error();
    }
    const image_format format = stored->picture.info.format;
    return sanitized_image{std::move(*stored), format};
  }

  result<prepared_image> prepare(const shared_bytes& bytes) override {
    return guarded([&]() -> result<prepared_image> {
      const auto info = examine(bytes);
      if (!info) {
        return info.error();
      }
      const extent target = contain({info->width, info->height}, limits_.provider_side);
      const auto share = budget_.acquire(pixels_to_decode(*info, target));
      auto decoded = decode(*bytes, *info, target);
      if (!decoded) {
        return std::move(decoded).error();
      }
      Magick::Image& image = *decoded;
      resize(image, target);
      image.autoOrient();
      to_srgb(image);
      image.strip();
      // The provider watches no picture build up, and a baseline JPEG takes half the time.
      return prepared_image{
          encode(image, plain_format(image), limits_.jpeg_quality, Magick::NoInterlace),
          signature_of(image)};
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
      const auto info = examine(bytes);
      if (!info) {
        return info.error();
      }
      if (auto valid = check_operations(operations); !valid) {
        return std::move(valid).error();
      }
      const extent hint = extent_needed({info->width, info->height}, operations);
      const auto share = budget_.acquire(pixels_to_decode(*info, hint));
      auto decoded = decode(*bytes, *info, hint);
      if (!decoded) {
        return std::move(decoded).error();
      }
      decoded->autoOrient();
      return apply(*decoded, *info, operations);
    });
  }

 private:
  result<image_info> examine(const shared_bytes& bytes) {
    const auto header = adapters::examine(
        bytes != nullptr ? std::span{*bytes} : std::span<const std::byte>{}, limits_
    );
    if (!header) {
      return header.error();
    }
    return header->info;
  }

  static std::uint64_t pixels_to_decode(const image_info& info, extent hint) {
    const std::uint64_t all = std::uint64_t{info.width} * info.height;
    // A JPEG is decoded at less than twice the hint a side.
    return info.format == image_format::jpeg
               ? std::min<std::uint64_t>(all, std::uint64_t{4} * hint.width * hint.height)
               : all;
  }

  result<finished_image> finish_valid(
      const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
  ) {
    const auto info = examine(bytes);
    if (!info) {
      return info.error();
    }
    if (auto sane = check_size(*info, limits_.result_side); !sane) {
      return std::move(sane).error();
    }
    const extent source{info->width, info->height};
    const bool is_wanted_format = info->format == format;
    const extent hint = is_wanted_format ? contain(source, limits_.thumbnail_side) : source;
    const auto share = budget_.acquire(pixels_to_decode(*info, hint));
    auto decoded = decode(*bytes, *info, hint);
    if (!decoded) {
      return std::move(decoded).error();
    }
    if (auto sane = check_content(signature_of(*decoded), inputs); !sane) {
      return std::move(sane).error();
    }
    if (is_wanted_format && is_upright(*decoded)) {
      // Stored as it came: another encoding would only lose quality.
      return finished_image{{bytes, *info}, thumbnail(*decoded, limits_.thumbnail_side)};
    }
    if (is_wanted_format) {
      decoded = decode(*bytes, *info, source);
      if (!decoded) {
        return std::move(decoded).error();
      }
    }
    decoded->autoOrient();
    output_choice choice{format, default_quality(format), limits_.thumbnail_side, true};
    return finish_pixels(*decoded, choice);
  }

  result<finished_image> apply(
      Magick::Image& image, const image_info& info, const std::vector<image_operation>& operations
  ) {
    const image_format format = stored_format(info.format);
    output_choice choice{format, default_quality(format), limits_.thumbnail_side, false};
    for (const image_operation& operation : operations) {
      switch (operation.what) {
        case image_operation::kind::resize:
          apply_resize(image, operation);
          break;
        case image_operation::kind::thumbnail:
          choice.thumbnail_side = operation.size;
          break;
        case image_operation::kind::convert:
          choice.format = operation.format;
          choice.quality =
              operation.quality != 0 ? operation.quality : default_quality(operation.format);
          break;
        case image_operation::kind::strip:
          choice.strip = true;
          break;
      }
    }
    return finish_pixels(image, choice);
  }

  static finished_image finish_pixels(Magick::Image& image, const output_choice& choice) {
    to_srgb(image);
    if (choice.strip) {
      image.strip();
    }
    return {encode(image, choice.format, choice.quality), thumbnail(image, choice.thumbnail_side)};
  }

  static encoded_image thumbnail(Magick::Image image, std::size_t side) {
    resize(image, contain(extent_of(image), side));
    to_srgb(image);
    image.strip();
    return encode(image, plain_format(image), thumbnail_quality);
  }

  [[nodiscard]] std::uint32_t default_quality(image_format format) const {
    return format == image_format::webp ? limits_.webp_quality : limits_.jpeg_quality;
  }

  codec_limits limits_;
  pixel_budget budget_;
};

/// Bounds for the whole process, as a second line behind the codec's own limits. Where the system's
/// policy.xml is stricter, that stands.
void initialize_library(const codec_limits& limits) {
  static std::once_flag once;
  std::call_once(once, [] { Magick::InitializeMagick(nullptr); });
  constexpr Magick::MagickSizeType gibibyte = 1024ULL * 1024 * 1024;
  using resource = Magick::ResourceLimits;
  resource::thread(1);
  resource::memory(gibibyte);
  resource::map(gibibyte);
  resource::disk(2 * gibibyte);
  resource::width(limits.max_side);
  resource::height(limits.max_side);
}

}  // namespace

std::unique_ptr<image_codec> make_magick_image_codec(const codec_limits& limits) {
  initialize_library(limits);
  return std::make_unique<magick_image_codec>(limits);
}

}  // namespace stayler::adapters
