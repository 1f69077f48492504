// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/byte_view.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// A box (ISO 14496-12, 4.2). The numbers are offsets in the file.
struct heif_box {
  std::string_view type;    ///< four characters, in the file's bytes
  std::size_t content = 0;  ///< behind type and length; of a full box, its version
  std::size_t end = 0;
};

/// An item of a HEIF file, as its meta box describes it.
struct heif_item {
  std::string_view type;               ///< "hvc1", "grid", "Exif", ...
  std::vector<heif_box> properties;    ///< in the order in which they apply
  std::vector<std::uint32_t> sources;  ///< what a derived item is made of ("dimg")
  std::size_t data = 0;                ///< where its data begins; 0 where that is not told
  std::uint64_t data_bytes = 0;        ///< of its first piece
};

/// The items of a HEIF file.
struct heif_items {
  std::uint32_t primary = 0;
  std::map<std::uint32_t, heif_item> by_id;

  [[nodiscard]] const heif_item* find(std::uint32_t id) const {
    const auto found = by_id.find(id);
    return found == by_id.end() ? nullptr : &found->second;
  }
};

/// Reads the meta box. invalid_input where there is none, where it is damaged, where the data of an
/// item lies outside of the file, and for more than 4,096 items or references.
result<heif_items> read_heif_items(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
