// SPDX-License-Identifier: MIT
#include "adapters/base64/base64.hpp"

#include <algorithm>
#include <array>

namespace stayler::adapters {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Two characters for every 12 bits: half the look-ups of one character for every six.
constexpr auto pairs = [] {
  std::array<std::array<char, 2>, 4096> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = {alphabet[i >> 6U], alphabet[i & 63U]};
  }
  return table;
}();

/// Every legal value is below 64, so that the bits above it mark a foreign character, even after
/// several values were or'ed together.
constexpr std::uint8_t foreign = 0x80;

constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(foreign);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  table[static_cast<unsigned char>('-')] = 62;
  table[static_cast<unsigned char>('_')] = 63;
  return table;
}();

std::uint32_t value_of(char c) {
  return values[static_cast<unsigned char>(c)];
}

void encode_group(const std::byte* in, char* out) {
  const auto bits = std::to_integer<std::uint32_t>(in[0]) << 16U
                    | std::to_integer<std::uint32_t>(in[1]) << 8U
                    | std::to_integer<std::uint32_t>(in[2]);
  const auto& high = pairs[bits >> 12U];
  const auto& low = pairs[bits & 0xFFFU];
  out[0] = high[0];
  out[1] = high[1];
  out[2] = low[0];
  out[3] = low[1];
}

/// One group of four characters, the last of them '=' where the bytes end in it.
std::array<char, 4> group_at(std::span<const std::byte> bytes, std::size_t first) {
  std::array<std::byte, 3> in{};
  const std::size_t count = std::min<std::size_t>(3, bytes.size() - first);
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(first), count, in.begin());
  std::array<char, 4> out{};
  encode_group(in.data(), out.data());
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(count) + 1, out.end(), '=');
  return out;
}

}  // namespace

std::size_t base64_encode_at(
    std::span<const std::byte> bytes, std::uint64_t position, std::span<char> out
) {
  std::size_t written = 0;
  while (written < out.size() && position < base64_size(bytes.size())) {
    const auto first = static_cast<std::size_t>(position / 4 * 3);
    const auto offset = static_cast<std::size_t>(position % 4);
    const std::size_t groups = std::min((bytes.size() - first) / 3, (out.size() - written) / 4);
    if (offset == 0 && groups > 0) {
      for (std::size_t i = 0; i < groups; ++i) {
        encode_group(bytes.data() + first + 3 * i, out.data() + written + 4 * i);
      }
      written += 4 * groups;
      position += 4 * groups;
      continue;
    }
    const auto group = group_at(bytes, first);
    const std::size_t count = std::min(group.size() - offset, out.size() - written);
    std::copy_n(group.begin() + offset, count, out.begin() + static_cast<std::ptrdiff_t>(written));
    written += count;
    position += count;
  }
  return written;
}

std::optional<std::vector<std::byte>> base64_decode(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) {
      text.remove_suffix(1);
    }
  }
  const std::size_t rest = text.size() % 4;
  if (rest == 1) {
    return std::nullopt;
  }
  std::vector<std::byte> bytes(text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1));
  std::uint32_t seen = 0;
  std::byte* out = bytes.data();
  const char* in = text.data();
  for (const char* end = in + (text.size() - rest); in != end; in += 4, out += 3) {
    const std::uint32_t a = value_of(in[0]);
    const std::uint32_t b = value_of(in[1]);
    const std::uint32_t c = value_of(in[2]);
    const std::uint32_t d = value_of(in[3]);
    seen |= a | b | c | d;
    const std::uint32_t bits = a << 18U | b << 12U | c << 6U | d;
    out[0] = static_cast<std::byte>(bits >> 16U & 0xFFU);
    out[1] = static_cast<std::byte>(bits >> 8U & 0xFFU);
    out[2] = static_cast<std::byte>(bits & 0xFFU);
  }
  if (rest != 0) {
    const std::uint32_t a = value_of(in[0]);
    const std::uint32_t b = value_of(in[1]);
    const std::uint32_t c = rest == 3 ? value_of(in[2]) : 0;
    seen |= a | b | c;
    const std::uint32_t bits = a << 18U | b << 12U | c << 6U;
    if ((bits & (rest == 3 ? 0xFFU : 0xFFFFU)) != 0) {
      return std::nullopt;
    }
    out[0] = static_cast<std::byte>(bits >> 16U & 0xFFU);
    if (rest == 3) {
      out[1] = static_cast<std::byte>(bits >> 8U & 0xFFU);
    }
  }
  if ((seen & foreign) != 0) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace stayler::adapters
