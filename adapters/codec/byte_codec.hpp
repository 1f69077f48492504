// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/base/uuid.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// Values as bytes, as stores keep them: a third of their JSON.
//
// Made from the types' own inspect functions: numbers are varints, texts and lists are preceded by
// their length, and so is every struct. So a field that a newer version appends to a struct is
// skipped by an older one, and has its default where an older one wrote. A struct that is as it is
// by default has no bytes but its length. Append only: no field may be removed, moved or change its
// type.
namespace stayler::adapters {

namespace byte_codec {

inline constexpr char format_version = 1;

constexpr std::uint64_t to_zigzag(std::int64_t number) noexcept {
  return (static_cast<std::uint64_t>(number) << 1U) ^ static_cast<std::uint64_t>(number >> 63);
}

constexpr std::int64_t from_zigzag(std::uint64_t bits) noexcept {
  return static_cast<std::int64_t>(bits >> 1U) ^ -static_cast<std::int64_t>(bits & 1U);
}

/// Writes varints low bits first; returns how many bytes it took, ten at most.
inline std::size_t write_varint(char* out, std::uint64_t number) noexcept {
  std::size_t size = 0;
  while (number >= 0x80U) {
    out[size++] = static_cast<char>(number | 0x80U);
    number >>= 7U;
  }
  out[size++] = static_cast<char>(number);
  return size;
}

class byte_writer {
 public:
  using result_type = bool;

  explicit byte_writer(std::string& out) : out_(out) {}

  template <class... Fields>
  bool operator()(Fields&... fields) {
    (put(fields), ...);
    return true;
  }

  template <class T>
  void put(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      put_number(value ? 1 : 0);
    } else if constexpr (std::is_enum_v<T>) {
      put_number(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_unsigned_v<T>) {
      put_number(value);
    } else {
      put_whole(value);
    }
  }

 private:
  void put_number(std::uint64_t number) {
    char digits[10];
    out_.append(digits, write_varint(digits, number));
  }

  void put_whole(std::string& text) {
    put_number(text.size());
    out_ += text;
  }

  void put_whole(uuid& id) {
    for (const std::uint8_t byte : id.bytes) {
      out_ += static_cast<char>(byte);
    }
  }

  void put_whole(milliseconds& d) { put_number(to_zigzag(d.count())); }
  void put_whole(timestamp& t) { put_number(to_zigzag(t.time_since_epoch().count())); }

  template <class T>
  void put_whole(std::vector<T>& list) {
    put_number(list.size());
    for (T& element : list) {
      put(element);
    }
  }

  template <class Struct>
  void put_whole(Struct& value) {
    static const Struct unset{};
    if (value == unset) {
      put_number(0);
      return;
    }
    const std::size_t start = out_.size();
    inspect(*this, value);
    char digits[10];
    out_.insert(start, digits, write_varint(digits, out_.size() - start));
  }

  std::string& out_;
};

class byte_reader {
 public:
  using result_type = bool;

  explicit byte_reader(std::string_view in) : in_(in) {}

  /// Fields that are not there any more keep their defaults.
  template <class... Fields>
  bool operator()(Fields&... fields) {
    return ((in_.empty() || get(fields)) && ...);
  }

  template <class T>
  bool get(T& value) {
    std::uint64_t number = 0;
    if constexpr (std::is_same_v<T, bool>) {
      return get_number(number) && (value = number != 0, true);
    } else if constexpr (std::is_enum_v<T> || std::is_unsigned_v<T>) {
      return get_number(number) && (value = static_cast<T>(number), true);
    } else {
      return get_whole(value);
    }
  }

 private:
  bool get_number(std::uint64_t& number) noexcept {
    number = 0;
    for (unsigned shift = 0; shift < 64 && !in_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(in_.front());
      in_.remove_prefix(1);
      number |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80U) {
        return true;
      }
    }
    return false;
  }

  bool get_bytes(std::string_view& bytes) noexcept {
    std::uint64_t size = 0;
    if (!get_number(size) || size > in_.size()) {
      return false;
    }
    bytes = in_.substr(0, static_cast<std::size_t>(size));
    in_.remove_prefix(bytes.size());
    return true;
  }

  bool get_whole(std::string& text) {
    std::string_view bytes;
    return get_bytes(bytes) && (text = bytes, true);
  }

  bool get_whole(uuid& id) noexcept {
    if (in_.size() < id.bytes.size()) {
      return false;
    }
    std::transform(in_.begin(), in_.begin() + id.bytes.size(), id.bytes.begin(), [](char c) {
      return static_cast<std::uint8_t>(c);
    });
    in_.remove_prefix(id.bytes.size());
    return true;
  }

  bool get_whole(milliseconds& d) noexcept {
    std::uint64_t number = 0;
    return get_number(number) && (d = milliseconds{from_zigzag(number)}, true);
  }

  bool get_whole(timestamp& t) noexcept {
    milliseconds since_epoch{0};
    return get_whole(since_epoch) && (t = timestamp{since_epoch}, true);
  }

  template <class T>
  bool get_whole(std::vector<T>& list) {
    std::uint64_t size = 0;
    // Each element takes a byte at least, which bounds what damaged bytes can make us reserve.
    if (!get_number(size) || size > in_.size()) {
      return false;
    }
    list.resize(static_cast<std::size_t>(size));
    return std::all_of(list.begin(), list.end(), [this](T& element) { return get(element); });
  }

  template <class Struct>
  bool get_whole(Struct& value) {
    std::string_view bytes;
    if (!get_bytes(bytes)) {
      return false;
    }
    if (bytes.empty()) {
      value = Struct{};
      return true;
    }
    byte_reader inner{bytes};
    return inspect(inner, value);
  }

  std::string_view in_;
};

}  // namespace byte_codec

/// The bytes of a value that can be inspected.
template <class T>
std::string encode_bytes(const T& value) {
  std::string bytes;
  bytes.reserve(512);
  bytes += byte_codec::format_version;
  byte_codec::byte_writer writer{bytes};
  // inspect takes what it only reads by the same reference as what it fills in.
  writer.put(const_cast<T&>(value));  // NOLINT: nothing is written to it
  return bytes;
}

/// The value that the bytes are, nothing where they are not such a value.
template <class T>
std::optional<T> decode_bytes(std::string_view bytes) {
  T value;
  const bool is_known = !bytes.empty() && bytes.front() == byte_codec::format_version;
  if (!is_known || !byte_codec::byte_reader{bytes.substr(1)}.get(value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace stayler::adapters
