// SPDX-License-Identifier: MIT
#include "http/api/json/jobs/id_bounds.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace stayler::http {

namespace {

constexpr std::size_t digits_of_id = 32;

/// Adds one to the hex digit of that index, and carries; nothing where there is no such id.
std::optional<job_id> next_after(job_id id, std::size_t digit) {
  auto& bytes = id.value.bytes;
  unsigned carry = digit % 2 == 0 ? 0x10 : 0x01;
  for (std::size_t i = digit / 2 + 1; i-- > 0 && carry > 0;) {
    const unsigned sum = bytes[i] + carry;
    bytes[i] = static_cast<std::uint8_t>(sum);
    carry = sum >> 8U;
  }
  return carry > 0 ? std::nullopt : std::optional{id};
}

/// The first id that could have been made at that time.
job_id first_id_of(timestamp at) {
  const auto since_epoch = std::max(at.time_since_epoch(), milliseconds{0});
  const auto millis = static_cast<std::uint64_t>(since_epoch.count());
  job_id id;
  for (std::size_t i = 0; i < 6; ++i) {
    id.value.bytes[i] = static_cast<std::uint8_t>(millis >> (8 * (5 - i)));
  }
  return id;
}

void raise_since(job_filter& filter, const job_id& since) {
  filter.since = std::max(filter.since, since);
}

/// What is left out by a bound that is no id at all, nil, is everything; such a bound stands for
/// none, so that the first id takes its place.
job_id or_first(job_id bound) {
  if (bound.value.is_nil()) {
    bound.value.bytes.back() = 1;
  }
  return bound;
}

}  // namespace

bool narrow_to_prefix(job_filter& filter, std::string_view prefix) {
  job_id first;
  std::size_t digits = 0;
  for (const char each : prefix) {
    if (each == '-') {
      continue;
    }
    const auto value = parse_hex_digit(each);
    if (!value || digits == digits_of_id) {
      return false;
    }
    auto& byte = first.value.bytes[digits / 2];
    byte = static_cast<std::uint8_t>(byte | (digits % 2 == 0 ? *value << 4U : *value));
    ++digits;
  }
  if (digits == 0) {
    return false;
  }
  raise_since(filter, first);
  if (const auto behind = next_after(first, digits - 1)) {
    narrow_to_older(filter, *behind);
  }
  return true;
}

void narrow_to_since(job_filter& filter, timestamp since) {
  raise_since(filter, first_id_of(since));
}

void narrow_to_before(job_filter& filter, timestamp before) {
  narrow_to_older(filter, or_first(first_id_of(before)));
}

void narrow_to_older(job_filter& filter, const job_id& than) {
  filter.before = filter.before.value.is_nil() ? than : std::min(filter.before, than);
}

void narrow_to_newest(job_filter& filter, const job_id& newest) {
  if (const auto behind = next_after(newest, digits_of_id - 1)) {
    narrow_to_older(filter, *behind);
  }
}

}  // namespace stayler::http
