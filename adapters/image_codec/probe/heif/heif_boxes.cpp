// SPDX-License-Identifier: MIT

// Reads the boxes of HEIF files (ISO 14496-12 and 23008-12) as far as they tell about the primary
// item. Every input is hostile until shown otherwise: all reads are bounded by byte_view, and the
// number of items bounds time and memory.
#include "adapters/image_codec/probe/heif/heif_boxes.hpp"

#include "adapters/image_codec/probe/heif/heif_items.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace stayler::adapters {

namespace {

struct known_brand {
  std::string_view brand;
  std::optional<image_format> format;
  std::string_view name;
};

// Brands that tell the coding come before mif1 and msf1, which only say that it is HEIF.
constexpr std::array<known_brand, 20> known_brands{{
    {"heic", image_format::heic, {}}, {"heix", image_format::heic, {}},
    {"heim", image_format::heic, {}}, {"heis", image_format::heic, {}},
    {"hevc", image_format::heic, {}}, {"hevx", image_format::heic, {}},
    {"hevm", image_format::heic, {}}, {"hevs", image_format::heic, {}},
    {"avif", image_format::avif, {}}, {"avis", image_format::avif, {}},
    {"mif1", image_format::heic, {}}, {"mif2", image_format::heic, {}},
    {"msf1", image_format::heic, {}}, {"crx ", {}, "a raw file of a camera"},
    {"jxl ", {}, "a JPEG XL file"},   {"jp2 ", {}, "a JPEG 2000 file"},
    {"jpx ", {}, "a JPEG 2000 file"}, {"jph ", {}, "a JPEG 2000 file"},
    {"M4A ", {}, "a sound file"},     {"qt  ", {}, "a video"},
}};

constexpr std::size_t most_brands = 64;

// Of a coded picture, so that the pixels of all tiles can be summed up; limits are far below it.
constexpr std::uint64_t longest_coded_side = 1'000'000;

/// Whether the file has that brand, as its major or a compatible one.
bool has_brand(byte_view view, std::string_view brand) noexcept {
  const std::size_t end =
      std::min<std::size_t>({view.big(0, 4), view.size(), 16 + 4 * most_brands});
  for (std::size_t at = 8; at + 4 <= end; at += 4) {
    const bool is_version = at == 12;
    if (!is_version && view.says(at, brand)) {
      return true;
    }
  }
  return false;
}

struct heif_size {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
};

/// Reads what the properties and the data of the primary item tell.
class heif_picture {
 public:
  heif_picture(std::span<const std::byte> bytes, const heif_items& items)
      : view_(bytes), items_(items) {}

  result<image_header> read() {
    const heif_item* primary = items_.find(items_.primary);
    if (primary == nullptr) {
      return header_refusal("HEIF", "names no primary item");
    }
    const bool is_derived =
        primary->type == "grid" || primary->type == "iovl" || primary->type == "iden";
    const auto coded = is_derived ? take_tiles(*primary) : take_coded(*primary);
    if (!coded) {
      return coded.error();
    }
    if (auto shown = check_curve(*primary); !shown) {
      return std::move(shown).error();
    }
    auto size = size_of(*primary);
    if (primary->type == "grid") {
      const auto grid = read_grid(*primary);
      if (!grid) {
        return grid.error();
      }
      size = *grid;
    }
    return finish(*primary, size);
  }

 private:
  [[nodiscard]] std::string name() const { return format_ == image_format::avif ? "AVIF" : "HEIC"; }

  /// One item that holds a coded picture.
  void_result take_coded(const heif_item& item) {
    if (item.type != "hvc1" && item.type != "av01") {
      return refusal("this is a HEIF file of another coding; allowed: HEVC (HEIC) and AV1 (AVIF)");
    }
    format_ = item.type == "av01" ? image_format::avif : image_format::heic;
    const heif_size size = size_of(item);
    if (size.width == 0 || size.height == 0) {
      return empty_picture_refusal(size.width, size.height);
    }
    if (std::max(size.width, size.height) > longest_coded_side) {
      return refusal(
          "the " + name() + " picture has a side of "
          + std::to_string(std::max(size.width, size.height)) + " pixels; allowed: up to "
          + std::to_string(longest_coded_side)
      );
    }
    coded_pixels_ += size.width * size.height;
    return check_curve(item);
  }

  /// The items of which another one is put together.
  void_result take_tiles(const heif_item& derived) {
    if (derived.sources.empty()) {
      return missing_tiles();
    }
    for (const std::uint32_t id : derived.sources) {
      const heif_item* tile = items_.find(id);
      if (tile == nullptr) {
        return missing_tiles();
      }
      if (auto taken = take_coded(*tile); !taken) {
        return taken;
      }
    }
    return ok();
  }

  [[nodiscard]] failure missing_tiles() const {
    return refusal("the " + name() + " picture is incomplete: part of its tiles is missing");
  }

  /// The sides that the item's property tells, 0 without it.
  [[nodiscard]] heif_size size_of(const heif_item& item) const {
    heif_size size;
    for (const heif_box& property : item.properties) {
      if (property.type == "ispe") {
        size = {view_.big(property.content + 4, 4), view_.big(property.content + 8, 4)};
      }
    }
    return size;
  }

  /// PQ and HLG; as SDR such a picture is grey and flat. A gain map is an item of its own.
  [[nodiscard]] void_result check_curve(const heif_item& item) const {
    for (const heif_box& property : item.properties) {
      if (property.type != "colr" || !view_.says(property.content, "nclx")) {
        continue;
      }
      const std::uint32_t transfer = view_.big(property.content + 6, 2);
      if (transfer == 16 || transfer == 18) {
        return hdr_refusal(transfer == 16 ? "PQ" : "HLG");
      }
    }
    return ok();
  }

  /// The sides of a grid (ISO 23008-12, 6.6.2.3), which has as many tiles as rows times columns.
  [[nodiscard]] result<heif_size> read_grid(const heif_item& grid) const {
    const std::size_t at = grid.data;
    const std::size_t number_bytes = (view_.u8(at + 1) & 1U) != 0 ? 4 : 2;
    if (grid.data_bytes < 4 + 2 * number_bytes) {
      return header_refusal(name(), "has a damaged grid");
    }
    const std::size_t tiles =
        (std::size_t{view_.u8(at + 2)} + 1) * (std::size_t{view_.u8(at + 3)} + 1);
    if (tiles != grid.sources.size()) {
      return missing_tiles();
    }
    return heif_size{
        view_.big(at + 4, number_bytes), view_.big(at + 4 + number_bytes, number_bytes)};
  }

  /// Applies the properties that change the sides, in their order.
  [[nodiscard]] result<image_header> finish(const heif_item& primary, heif_size size) const {
    const std::uint64_t whole = size.width * size.height;
    for (const heif_box& property : primary.properties) {
      if (property.type == "clap") {
        size = cropped(size, property);
      } else if (property.type == "irot" && (view_.u8(property.content) & 1U) != 0) {
        std::swap(size.width, size.height);
      }
    }
    if (size.width == 0 || size.height == 0) {
      return empty_picture_refusal(size.width, size.height);
    }
    auto header = header_of(
        format_, static_cast<std::uint32_t>(size.width), static_cast<std::uint32_t>(size.height)
    );
    header.coded_pixels = std::max(whole, coded_pixels_);
    return header;
  }

  /// The clean aperture: two fractions for the sides come first.
  [[nodiscard]] heif_size cropped(heif_size size, const heif_box& clap) const {
    const auto side = [this, &clap](std::size_t at, std::uint64_t whole) -> std::uint64_t {
      const std::uint64_t numerator = view_.big(clap.content + at, 4);
      const std::uint64_t denominator = view_.big(clap.content + at + 4, 4);
      return denominator == 0 ? 0 : std::min(whole, (numerator + denominator / 2) / denominator);
    };
    return {side(0, size.width), side(8, size.height)};
  }

  byte_view view_;
  const heif_items& items_;
  image_format format_ = image_format::heic;
  std::uint64_t coded_pixels_ = 0;
};

}  // namespace

heif_kind detect_heif(std::span<const std::byte> bytes) noexcept {
  const byte_view view{bytes};
  for (const known_brand& known : known_brands) {
    if (has_brand(view, known.brand)) {
      return {known.format, known.name};
    }
  }
  return {std::nullopt, "a video"};
}

result<image_header> read_heif(std::span<const std::byte> bytes) {
  const auto items = read_heif_items(bytes);
  if (!items) {
    return items.error();
  }
  return heif_picture{bytes, *items}.read();
}

}  // namespace stayler::adapters
