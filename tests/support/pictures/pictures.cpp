// SPDX-License-Identifier: MIT
#include "tests/support/pictures/pictures.hpp"

#include <Magick++.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <zlib.h>

namespace stayler::test {

namespace {

void append(byte_vector& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void append(byte_vector& to, std::string_view text) {
  append(to, std::as_bytes(std::span{text}));
}

void append_big(byte_vector& to, std::uint32_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    to.push_back(static_cast<std::byte>(value >> static_cast<unsigned>(shift)));
  }
}

void append_chunk(byte_vector& png, std::string_view name, std::span<const std::byte> content) {
  append_big(png, static_cast<std::uint32_t>(content.size()), 4);
  const std::size_t begin = png.size();
  append(png, name);
  append(png, content);
  const auto* data = reinterpret_cast<const Bytef*>(png.data() + begin);
  append_big(
      png, static_cast<std::uint32_t>(crc32(0, data, static_cast<uInt>(png.size() - begin))), 4
  );
}

/// A segment right after the start of a JPEG.
byte_vector with_segment(
    const byte_vector& jpeg, std::uint8_t code, std::span<const std::byte> content
) {
  byte_vector result = first_part(jpeg, 2);
  result.push_back(std::byte{0xFF});
  result.push_back(std::byte{code});
  append_big(result, static_cast<std::uint32_t>(content.size() + 2), 2);
  append(result, content);
  append(result, std::span{jpeg}.subspan(2));
  return result;
}

void paint(Magick::Image& image, const picture_kind& kind) {
  const double half_width = std::floor(static_cast<double>(kind.width) / 2);
  const double half_height = std::floor(static_cast<double>(kind.height) / 2);
  const auto rectangle = [&](const char* colour, double x, double y) {
    image.fillColor(Magick::Color{colour});
    image.draw(Magick::DrawableRectangle{x, y, x + half_width - 1, y + half_height - 1});
  };
  image.strokeColor(Magick::Color{"none"});
  rectangle("red", 0, 0);
  rectangle("lime", half_width, 0);
  if (!kind.is_transparent) {
    rectangle("blue", 0, half_height);
  }
  rectangle("white", half_width, half_height);
}

Magick::Image decode(std::span<const std::byte> bytes) {
  Magick::InitializeMagick(nullptr);
  Magick::Image image;
  image.quiet(true);
  image.read(Magick::Blob{bytes.data(), bytes.size()});
  // Magick++ 6 gives the wrong colour for a pixel of a picture that has a palette.
  image.classType(Magick::DirectClass);
  return image;
}

byte_vector encode(Magick::Image image, image_format format, std::size_t quality) {
  image.magick(
      format == image_format::jpeg  ? "JPEG"
      : format == image_format::png ? "PNG"
                                    : "WEBP"
  );
  image.quality(quality);
  Magick::Blob blob;
  image.write(&blob);
  const auto* data = static_cast<const std::byte*>(blob.data());
  return {data, data + blob.length()};
}

}  // namespace

byte_vector make_flat_picture(
    image_format format, std::size_t width, std::size_t height, const char* colour
) {
  Magick::InitializeMagick(nullptr);
  return encode(Magick::Image{Magick::Geometry{width, height}, Magick::Color{colour}}, format, 90);
}

byte_vector encoded_anew(
    std::span<const std::byte> bytes,
    image_format format,
    std::size_t width,
    std::size_t height,
    std::size_t quality
) {
  Magick::Image image = decode(bytes);
  Magick::Geometry exactly{width, height};
  exactly.aspect(true);
  image.resize(exactly);
  return encode(image, format, quality);
}

byte_vector encoded_as(std::span<const std::byte> bytes, const char* coder) {
  Magick::Image image = decode(bytes);
  image.magick(coder);
  Magick::Blob blob;
  image.write(&blob);
  const auto* data = static_cast<const std::byte*>(blob.data());
  return {data, data + blob.length()};
}

byte_vector animated_gif() {
  picture_kind kind;
  kind.format = image_format::png;
  kind.width = 32;
  kind.height = 24;
  std::vector<Magick::Image> frames{
      decode(make_picture(kind)), {Magick::Geometry{64, 48}, Magick::Color{"black"}}};
  frames[0].page(Magick::Geometry{64, 48, 32, 24});
  for (Magick::Image& frame : frames) {
    frame.magick("GIF");
  }
  Magick::Blob blob;
  Magick::writeImages(frames.begin(), frames.end(), &blob);
  const auto* data = static_cast<const std::byte*>(blob.data());
  return {data, data + blob.length()};
}

byte_vector with_tinted_torso(std::span<const std::byte> bytes, const char* tint) {
  Magick::Image image = decode(bytes);
  const auto left = static_cast<::ssize_t>(image.columns() * 3 / 10);
  const auto top = static_cast<::ssize_t>(image.rows() / 3);
  Magick::Image torso = image;
  torso.crop(Magick::Geometry{image.columns() * 2 / 5, image.rows() / 3, left, top});
  torso.repage();
  const Magick::Image dye{Magick::Geometry{torso.columns(), torso.rows()}, Magick::Color{tint}};
  torso.composite(dye, 0, 0, Magick::MultiplyCompositeOp);
  image.composite(torso, left, top, Magick::OverCompositeOp);
  return encode(image, image_format::jpeg, 88);
}

byte_vector make_picture(const picture_kind& kind) {
  Magick::InitializeMagick(nullptr);
  Magick::Image image{
      Magick::Geometry{kind.width, kind.height},
      Magick::Color{kind.is_transparent ? "transparent" : "white"}};
  paint(image, kind);
  if (kind.is_gray) {
    image.colorSpace(Magick::GRAYColorspace);
  }
  if (kind.is_cmyk) {
    image.colorSpace(Magick::CMYKColorspace);
  }
  if (kind.is_palette) {
    image.quantizeColors(8);
    image.quantize();
  }
  std::string coder{kind.format == image_format::png ? (kind.is_palette ? "PNG8" : "PNG") : "JPEG"};
  if (kind.format == image_format::webp) {
    coder = "WEBP";
    image.defineValue("webp", "lossless", kind.is_lossless ? "true" : "false");
  }
  if (kind.depth == 16) {
    coder = "PNG48";
  }
  if (kind.is_progressive) {
    image.interlaceType(Magick::PlaneInterlace);
  }
  image.magick(coder);
  image.depth(kind.depth);
  image.quality(95);
  Magick::Blob blob;
  image.write(&blob);
  const auto* data = static_cast<const std::byte*>(blob.data());
  return {data, data + blob.length()};
}

shared_bytes share(byte_vector bytes) {
  return std::make_shared<const byte_vector>(std::move(bytes));
}

byte_vector bytes_of(std::string_view text) {
  byte_vector bytes;
  append(bytes, text);
  return bytes;
}

byte_vector first_part(const byte_vector& bytes, std::size_t count) {
  return {
      bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(count, bytes.size()))};
}

byte_vector with_exif(const byte_vector& jpeg, std::uint8_t orientation) {
  byte_vector exif = bytes_of("Exif");
  append_big(exif, 0, 2);
  append(exif, "MM");
  append_big(exif, 42, 2);
  append_big(exif, 8, 4);       // the directory's place, counted from "MM"
  append_big(exif, 2, 2);       // entries
  append_big(exif, 0x010F, 2);  // Make: ASCII, 13 bytes, at 38
  append_big(exif, 2, 2);
  append_big(exif, 13, 4);
  append_big(exif, 38, 4);
  append_big(exif, 0x0112, 2);  // Orientation: SHORT, one, in place
  append_big(exif, 3, 2);
  append_big(exif, 1, 4);
  append_big(exif, orientation, 2);
  append_big(exif, 0, 2);
  append_big(exif, 0, 4);  // no further directory
  append(exif, "SecretCamera");
  append_big(exif, 0, 1);
  return with_segment(jpeg, 0xE1, exif);
}

byte_vector with_profile(const byte_vector& jpeg, std::span<const std::byte> profile) {
  byte_vector content = bytes_of("ICC_PROFILE");
  append_big(content, 0x000101, 3);
  append(content, profile);
  return with_segment(jpeg, 0xE2, content);
}

byte_vector with_stray_bytes(const byte_vector& jpeg) {
  byte_vector result = first_part(jpeg, jpeg.size() - 2);
  append_big(result, 0x00000000, 4);
  append_big(result, 0xFFD9, 2);
  return result;
}

byte_vector png_header(std::uint32_t width, std::uint32_t height) {
  byte_vector png = bytes_of("\x89PNG\r\n\x1A\n");
  byte_vector header;
  append_big(header, width, 4);
  append_big(header, height, 4);
  append_big(header, 0x01000000, 4);  // one bit a pixel, gray
  append_big(header, 0, 1);
  append_chunk(png, "IHDR", header);
  return png;
}

byte_vector black_png(std::uint32_t width, std::uint32_t height, std::uint32_t rows) {
  const std::size_t row_bytes = 1 + (std::size_t{width} + 7) / 8;
  const std::vector<Bytef> data(row_bytes * rows, Bytef{0});
  uLongf size = compressBound(data.size());
  byte_vector packed(size);
  compress2(
      reinterpret_cast<Bytef*>(packed.data()), &size, data.data(), data.size(), Z_BEST_COMPRESSION
  );
  packed.resize(size);
  byte_vector png = png_header(width, height);
  append_chunk(png, "IDAT", packed);
  append_chunk(png, "IEND", {});
  return png;
}

byte_vector jpeg_of_scans(std::size_t scans) {
  byte_vector jpeg;
  append_big(jpeg, 0xFFD8, 2);
  append_big(jpeg, 0xFFC2000B, 4);  // progressive frame, eight bits, 4000 x 4000, one component
  append_big(jpeg, 0x080FA00F, 4);
  append_big(jpeg, 0xA0010111, 4);
  append_big(jpeg, 0, 1);
  for (std::size_t i = 0; i < scans; ++i) {
    append_big(jpeg, 0xFFDA0008, 4);
    append_big(jpeg, 0x01010000, 4);
    append_big(jpeg, 0x0000, 2);
  }
  append_big(jpeg, 0xFFD9, 2);
  return jpeg;
}

std::array<double, 3> colour_at(std::span<const std::byte> bytes, std::size_t x, std::size_t y) {
  const Magick::Image image = decode(bytes);
  const Magick::ColorRGB colour{
      image.pixelColor(static_cast<::ssize_t>(x), static_cast<::ssize_t>(y))};
  return {colour.red(), colour.green(), colour.blue()};
}

std::string_view colour_name_at(std::span<const std::byte> bytes, std::size_t x, std::size_t y) {
  const auto is = [found = colour_at(bytes, x, y)](double red, double green, double blue) {
    const std::array<double, 3> wanted{red, green, blue};
    return std::equal(found.begin(), found.end(), wanted.begin(), [](double a, double b) {
      return std::abs(a - b) < 0.15;
    });
  };
  return is(1, 0, 0)   ? "red"
         : is(0, 1, 0) ? "green"
         : is(0, 0, 1) ? "blue"
         : is(1, 1, 1) ? "white"
                       : "other";
}

std::vector<std::uint8_t> pixels_of(std::span<const std::byte> bytes) {
  Magick::Image image = decode(bytes);
  std::vector<std::uint8_t> pixels(4 * image.columns() * image.rows());
  image.write(0, 0, image.columns(), image.rows(), "RGBA", Magick::CharPixel, pixels.data());
  return pixels;
}

bool is_opaque(std::span<const std::byte> bytes) {
  return decode(bytes).isOpaque();
}

bool contains(std::span<const std::byte> bytes, std::string_view text) {
  const auto wanted = std::as_bytes(std::span{text});
  return std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end()) != bytes.end();
}

}  // namespace stayler::test
