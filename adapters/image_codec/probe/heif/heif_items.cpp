// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/heif/heif_items.hpp"

#include "adapters/image_codec/probe/refusal.hpp"

#include <algorithm>
#include <optional>

namespace stayler::adapters {

namespace {

// A photograph of 200 megapixels has 800 tiles, and as many of a gain map.
constexpr std::size_t most_items = 4'096;
constexpr std::size_t most_extents = 65'536;
constexpr std::size_t most_properties = 32'767;  // what a reference to one can name
constexpr std::size_t most_properties_of_item = 64;

std::uint64_t big_number(byte_view view, std::size_t offset, std::size_t bytes) noexcept {
  return bytes <= 4 ? view.big(offset, bytes)
                    : std::uint64_t{view.big(offset, 4)} << 32U | view.big(offset + 4, 4);
}

/// The boxes from one offset to another, up to one that does not end before it.
class box_walker {
 public:
  box_walker(byte_view view, std::span<const std::byte> bytes, std::size_t begin, std::size_t end)
      : view_(view), bytes_(bytes), position_(begin), end_(std::min(end, bytes.size())) {}

  std::optional<heif_box> next() noexcept {
    if (position_ > end_ || end_ - position_ < 8) {
      return std::nullopt;
    }
    std::uint64_t length = view_.big(position_, 4);
    std::size_t header = 8;
    if (length == 1) {
      header = 16;
      length = big_number(view_, position_ + 8, 8);
    } else if (length == 0) {
      length = end_ - position_;
    }
    if (length < header || length > end_ - position_) {
      is_cut_ = length >= header;
      return std::nullopt;
    }
    heif_box box;
    box.type = {reinterpret_cast<const char*>(bytes_.data()) + position_ + 4, 4};
    box.content = position_ + header;
    box.end = position_ + static_cast<std::size_t>(length);
    position_ = box.end;
    return box;
  }

  /// Whether the last box did not end where it should have.
  [[nodiscard]] bool is_cut() const noexcept { return is_cut_; }

 private:
  byte_view view_;
  std::span<const std::byte> bytes_;
  std::size_t position_;
  std::size_t end_;
  bool is_cut_ = false;
};

/// Reads numbers one after the other, and nothing behind the end of a box.
class box_reader {
 public:
  box_reader(byte_view view, const heif_box& box) noexcept
      : view_(view), position_(box.content), end_(box.end) {}

  /// The version of a full box, whose flags are passed over.
  std::uint32_t version() noexcept { return static_cast<std::uint32_t>(number(4) >> 24U); }

  /// A number of up to 8 bytes; 0 where the box ends first, and then `is_good` is false.
  std::uint64_t number(std::size_t bytes) noexcept {
    if (end_ - position_ < bytes) {
      is_good_ = false;
      position_ = end_;
      return 0;
    }
    const std::uint64_t value = big_number(view_, position_, bytes);
    position_ += bytes;
    return value;
  }

  std::uint32_t number32(std::size_t bytes) noexcept {
    return static_cast<std::uint32_t>(number(bytes));
  }

  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  [[nodiscard]] bool is_good() const noexcept { return is_good_; }

 private:
  byte_view view_;
  std::size_t position_;
  std::size_t end_;
  bool is_good_ = true;
};

failure damaged(std::string_view box) {
  return header_refusal("HEIF", "has a damaged box " + std::string{box});
}

failure too_many_items() {
  return refusal(
      "the HEIF file has more than " + std::to_string(most_items)
      + " items; allowed: " + std::to_string(most_items)
  );
}

class meta_reader {
 public:
  explicit meta_reader(std::span<const std::byte> bytes) : bytes_(bytes), view_(bytes) {}

  result<heif_items> read() {
    auto top = walk(0, bytes_.size());
    auto meta = top.next();
    while (meta && meta->type != "meta") {
      meta = top.next();
    }
    if (!meta) {
      return top.is_cut() ? cut_off_refusal("HEIF", bytes_.size())
                          : header_refusal("HEIF", "has no still picture");
    }
    const std::size_t begin = meta->content + 4;
    idat_ = find(begin, meta->end, "idat");
    void_result read = ok();
    for (auto boxes = walk(begin, meta->end); read;) {
      const auto box = boxes.next();
      if (!box) {
        break;
      }
      read = take(*box);
    }
    if (!read) {
      return std::move(read).error();
    }
    return std::move(items_);
  }

 private:
  [[nodiscard]] box_walker walk(std::size_t begin, std::size_t end) const {
    return {view_, bytes_, begin, end};
  }

  [[nodiscard]] std::optional<heif_box> find(
      std::size_t begin, std::size_t end, std::string_view type
  ) const {
    auto boxes = walk(begin, end);
    auto box = boxes.next();
    while (box && box->type != type) {
      box = boxes.next();
    }
    return box;
  }

  void_result take(const heif_box& box) {
    if (box.type == "pitm") {
      box_reader reader{view_, box};
      items_.primary = reader.number32(reader.version() == 0 ? 2 : 4);
      return reader.is_good() ? ok() : damaged("pitm");
    }
    if (box.type == "iinf") {
      return take_items(box);
    }
    if (box.type == "iref") {
      return take_references(box);
    }
    if (box.type == "iprp") {
      return take_properties(box);
    }
    return box.type == "iloc" ? take_places(box) : ok();
  }

  /// The item of that id, made where it is not known yet: boxes come in any order.
  heif_item* item(std::uint32_t id) {
    if (items_.by_id.size() == most_items && !items_.by_id.contains(id)) {
      return nullptr;
    }
    return &items_.by_id[id];
  }

  void_result take_items(const heif_box& box) {
    box_reader list{view_, box};
    list.number(list.version() == 0 ? 2 : 4);
    auto entries = walk(list.position(), box.end);
    while (const auto entry = entries.next()) {
      box_reader reader{view_, *entry};
      const std::uint32_t version = reader.version();
      const std::uint32_t id = reader.number32(version == 2 ? 2 : 4);
      reader.number(2);  // protection
      const std::size_t type = reader.position();
      reader.number(4);
      if (entry->type != "infe" || version < 2 || !reader.is_good()) {
        return damaged("iinf");
      }
      heif_item* known = item(id);
      if (known == nullptr) {
        return too_many_items();
      }
      known->type = {reinterpret_cast<const char*>(bytes_.data()) + type, 4};
    }
    return ok();
  }

  void_result take_references(const heif_box& box) {
    box_reader list{view_, box};
    const std::size_t id_bytes = list.version() == 0 ? 2 : 4;
    auto entries = walk(list.position(), box.end);
    while (const auto entry = entries.next()) {
      if (entry->type != "dimg") {
        continue;
      }
      box_reader reader{view_, *entry};
      heif_item* derived = item(reader.number32(id_bytes));
      const std::uint64_t count = reader.number(2);
      references_ += count;
      if (derived == nullptr || references_ > most_items) {
        return too_many_items();
      }
      for (std::uint64_t i = 0; i < count; ++i) {
        derived->sources.push_back(reader.number32(id_bytes));
      }
      if (!reader.is_good()) {
        return damaged("iref");
      }
    }
    return ok();
  }

  void_result take_properties(const heif_box& box) {
    std::vector<heif_box> properties;
    if (const auto container = find(box.content, box.end, "ipco")) {
      auto boxes = walk(container->content, container->end);
      for (auto each = boxes.next(); each && properties.size() < most_properties;
           each = boxes.next()) {
        properties.push_back(*each);
      }
    }
    auto boxes = walk(box.content, box.end);
    while (const auto each = boxes.next()) {
      if (each->type != "ipma") {
        continue;
      }
      if (auto taken = take_associations(*each, properties); !taken) {
        return taken;
      }
    }
    return ok();
  }

  void_result take_associations(const heif_box& box, const std::vector<heif_box>& properties) {
    box_reader reader{view_, box};
    const std::uint64_t head = reader.number(4);  // version and flags
    const std::size_t id_bytes = head >> 24U == 0 ? 2 : 4;
    const std::size_t index_bytes = (head & 1U) != 0 ? 2 : 1;
    const std::uint64_t entries = reader.number(4);
    for (std::uint64_t i = 0; i < entries && reader.is_good(); ++i) {
      heif_item* described = item(reader.number32(id_bytes));
      if (described == nullptr) {
        return too_many_items();
      }
      const std::uint64_t count = reader.number(1);
      for (std::uint64_t k = 0; k < count && reader.is_good(); ++k) {
        // The highest bit says that a reader has to know the property.
        const std::uint64_t index =
            reader.number(index_bytes) & (index_bytes == 2 ? 0x7FFFU : 0x7FU);
        if (index != 0 && index <= properties.size()
            && described->properties.size() < most_properties_of_item) {
          described->properties.push_back(properties[index - 1]);
        }
      }
    }
    return reader.is_good() ? ok() : damaged("ipma");
  }

  void_result take_places(const heif_box& box) {
    box_reader reader{view_, box};
    const std::uint32_t version = reader.version();
    const auto sizes = reader.number(2);
    place_format format;
    format.id_bytes = version < 2 ? 2 : 4;
    format.has_method = version == 1 || version == 2;
    format.offset_bytes = sizes >> 12U;
    format.length_bytes = sizes >> 8U & 0xFU;
    format.base_bytes = sizes >> 4U & 0xFU;
    format.index_bytes = format.has_method ? sizes & 0xFU : 0;
    for (const std::size_t bytes :
         {format.offset_bytes, format.length_bytes, format.base_bytes, format.index_bytes}) {
      if (version > 2 || (bytes != 0 && bytes != 4 && bytes != 8)) {
        return damaged("iloc");
      }
    }
    const std::uint64_t count = reader.number(format.id_bytes);
    for (std::uint64_t i = 0; i < count && reader.is_good(); ++i) {
      if (auto taken = take_place(reader, format); !taken) {
        return taken;
      }
    }
    return reader.is_good() ? ok() : damaged("iloc");
  }

  /// How many bytes the numbers of an iloc box have.
  struct place_format {
    std::size_t id_bytes = 2;
    bool has_method = false;
    std::size_t offset_bytes = 0;
    std::size_t length_bytes = 0;
    std::size_t base_bytes = 0;
    std::size_t index_bytes = 0;
  };

  void_result take_place(box_reader& reader, const place_format& format) {
    heif_item* placed = item(reader.number32(format.id_bytes));
    if (placed == nullptr) {
      return too_many_items();
    }
    const std::uint64_t method = format.has_method ? reader.number(2) & 0xFU : 0;
    reader.number(2);  // data reference
    const std::uint64_t base = reader.number(format.base_bytes);
    const std::uint64_t extents = reader.number(2);
    extents_ += extents;
    if (extents_ > most_extents) {
      return damaged("iloc");  // they may be without a byte, so that a few bytes tell of millions
    }
    for (std::uint64_t i = 0; i < extents && reader.is_good(); ++i) {
      reader.number(format.index_bytes);
      const std::uint64_t offset = reader.number(format.offset_bytes);
      const std::uint64_t length = reader.number(format.length_bytes);
      if (!reader.is_good()) {
        break;
      }
      if (method <= 1 && !take_extent(*placed, {method == 1, base, offset, length}, i == 0)) {
        return cut_off_refusal("HEIF", bytes_.size());
      }
    }
    return ok();
  }

  /// A piece of an item's data: in the file, or in the meta box's own data.
  struct extent_place {
    bool is_in_idat = false;
    std::uint64_t base = 0;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;  ///< 0: up to the end
  };

  /// False where it does not lie inside.
  bool take_extent(heif_item& placed, const extent_place& at, bool is_first) const {
    if (at.is_in_idat && !idat_) {
      return false;
    }
    const std::uint64_t begin = at.is_in_idat ? idat_->content : 0;
    const std::uint64_t room = (at.is_in_idat ? idat_->end : bytes_.size()) - begin;
    if (at.base > room || at.offset > room - at.base || at.length > room - at.base - at.offset) {
      return false;
    }
    if (is_first) {
      placed.data = static_cast<std::size_t>(begin + at.base + at.offset);
      placed.data_bytes = at.length != 0 ? at.length : room - at.base - at.offset;
    }
    return true;
  }

  std::span<const std::byte> bytes_;
  byte_view view_;
  std::optional<heif_box> idat_;
  std::uint64_t references_ = 0;
  std::uint64_t extents_ = 0;
  heif_items items_;
};

}  // namespace

result<heif_items> read_heif_items(std::span<const std::byte> bytes) {
  return meta_reader{bytes}.read();
}

}  // namespace stayler::adapters
