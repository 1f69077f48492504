// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/formats/magick_decoder.hpp"

#include <Magick++.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>

namespace stayler::adapters {

namespace {

/// The library's words without its decoration: "Magick: WORDS `file' @ error/png.c/Read/12".
std::string magick_words_of(const std::exception& error) {
  std::string text = error.what();
  for (const std::string_view end : {" @ ", " `"}) {
    text.resize(std::min(text.size(), text.find(end)));
  }
  const std::size_t colon = text.find(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

const char* coder_of(image_format format) {
  return format == image_format::gif ? "GIF" : format == image_format::bmp ? "BMP" : "TIFF";
}

failure damaged(image_format format, const std::string& why) {
  return {
      error_class::invalid_input,
      "the " + std::string{coder_of(format)} + " picture cannot be decoded: " + why,
      {}};
}

/// False for errors of the surroundings: no room, no such coder, forbidden by policy.xml.
bool is_about_the_bytes(const Magick::Exception& error) {
  return dynamic_cast<const Magick::ErrorResourceLimit*>(&error) == nullptr
         && dynamic_cast<const Magick::ErrorCache*>(&error) == nullptr
         && dynamic_cast<const Magick::ErrorMissingDelegate*>(&error) == nullptr
         && dynamic_cast<const Magick::ErrorPolicy*>(&error) == nullptr;
}

/// Warnings about half a picture come as "corrupt image"; others harm no pixel.
bool loses_pixels(const Magick::Warning& warning) {
  return dynamic_cast<const Magick::WarningCorruptImage*>(&warning) != nullptr;
}

result<Magick::Image> read_first(std::span<const std::byte> bytes, image_format format) {
  Magick::Image image;
  // The coder is named, so that it is not guessed from bytes that the probe did not look at.
  image.magick(coder_of(format));
  image.subImage(0);
  image.subRange(1);
  try {
    image.read(Magick::Blob{bytes.data(), bytes.size()});
  } catch (const Magick::Warning& warning) {
    if (!image.isValid() || loses_pixels(warning)) {
      return damaged(format, magick_words_of(warning));
    }
  } catch (const Magick::Exception& error) {
    if (is_about_the_bytes(error)) {
      return damaged(format, magick_words_of(error));
    }
    return failure{
        error_class::unavailable, "no room for the picture: " + magick_words_of(error), {}};
  }
  if (!image.isValid() || image.columns() == 0 || image.rows() == 0) {
    return damaged(format, "it holds no pixels");
  }
  image.quiet(true);
  return image;
}

pixel_kind kind_of(const Magick::Image& image) {
  if (image.colorSpace() == Magick::CMYKColorspace) {
    return pixel_kind::cmyk;
  }
  return image.isOpaque() ? pixel_kind::rgb : pixel_kind::rgba;
}

raster pixels_of(Magick::Image& image) {
  raster pixels{{image.columns(), image.rows()}, kind_of(image)};
  const char* const map = pixels.kind() == pixel_kind::cmyk   ? "CMYK"
                          : pixels.kind() == pixel_kind::rgba ? "RGBA"
                                                              : "RGB";
  image.write(0, 0, image.columns(), image.rows(), map, Magick::CharPixel, pixels.bytes().data());
  return pixels;
}

/// Windows writes 32 bits a pixel and leaves the last eight 0, and does not mean transparency.
void mend_alpha_of_bmp(raster& pixels) {
  const auto bytes = pixels.bytes();
  for (std::size_t i = 3; i < bytes.size(); i += 4) {
    if (bytes[i] != 0) {
      return;
    }
  }
  pixels = without_alpha(pixels);
}

/// A frame of a GIF may be smaller than the screen that it is shown on.
raster on_screen(raster frame, const Magick::Geometry& page, extent screen) {
  const auto left = static_cast<std::size_t>(std::max<::ssize_t>(page.xOff(), 0));
  const auto top = static_cast<std::size_t>(std::max<::ssize_t>(page.yOff(), 0));
  if (frame.size() == screen && left == 0 && top == 0) {
    return frame;
  }
  return on_canvas(frame, screen, left, top);
}

std::vector<std::byte> profile_in(const Magick::Image& image) {
  const Magick::Blob profile = image.profile("icc");
  const auto* begin = static_cast<const std::byte*>(profile.data());
  return {begin, begin + profile.length()};
}

result<decoded_picture> decode_first(std::span<const std::byte> bytes, const image_info& info) {
  auto image = read_first(bytes, info.format);
  if (!image) {
    return std::move(image).error();
  }
  const bool is_grey = image->colorSpace() == Magick::GRAYColorspace;
  decoded_picture picture{pixels_of(*image), {profile_in(*image), std::nullopt, is_grey}};
  if (info.format == image_format::gif) {
    picture.pixels = on_screen(std::move(picture.pixels), image->page(), {info.width, info.height});
  }
  if (info.format == image_format::bmp && picture.pixels.kind() == pixel_kind::rgba) {
    mend_alpha_of_bmp(picture.pixels);
  }
  return picture;
}

}  // namespace

void initialize_magick(std::uint32_t longest_side) {
  static std::once_flag once;
  std::call_once(once, [] { Magick::InitializeMagick(nullptr); });
  constexpr Magick::MagickSizeType mebibyte = 1024ULL * 1024;
  using resource = Magick::ResourceLimits;
  resource::thread(1);
  resource::memory(512 * mebibyte);
  resource::map(0);
  resource::disk(0);
  resource::width(longest_side);
  resource::height(longest_side);
}

result<decoded_picture> decode_with_magick(
    std::span<const std::byte> bytes, const image_info& info
) {
  try {
    return decode_first(bytes, info);
  } catch (const Magick::Exception& error) {
    return failure{
        error_class::unavailable, "no room for the picture: " + magick_words_of(error), {}};
  }
}

}  // namespace stayler::adapters
