// SPDX-License-Identifier: MIT
#include "messages/base/uuid.hpp"

#include "messages/base/random.hpp"
#include "messages/base/text.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <pthread.h>
#include <span>
#include <system_error>
#include <utility>

namespace stayler {

namespace {

bool is_dash_position(std::size_t i) noexcept {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

/// Changes with each fork: what a parent has in store, its child must not give out as well.
std::atomic<std::uint64_t> forks = 0;

void watch_forks() {
  static const int watched = pthread_atfork(nullptr, nullptr, [] { ++forks; });
  static_cast<void>(watched);
}

/// Random numbers of the kernel's, of which nobody can tell the next from those before; fetched
/// many at a time, as each call costs more than a microsecond.
class random_store {
 public:
  random_store() { watch_forks(); }

  std::uint64_t next() {
    if (used_ == numbers_.size() || forks_ != forks) {
      refill();
    }
    return std::exchange(numbers_[used_++], 0);
  }

 private:
  void refill() {
    forks_ = forks;
    used_ = 0;
    if (!fill_random(std::as_writable_bytes(std::span{numbers_}))) {
      throw std::system_error{errno, std::generic_category(), "getrandom"};
    }
  }

  std::array<std::uint64_t, 512> numbers_{};
  std::size_t used_ = numbers_.size();
  std::uint64_t forks_ = 0;
};

}  // namespace

uuid make_uuid_v7(std::chrono::system_clock::time_point now) {
  thread_local random_store random;
  thread_local std::uint64_t last_millis = 0;
  thread_local std::uint16_t counter = 0;

  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  auto millis = static_cast<std::uint64_t>(since_epoch.count());
  // RFC 9562, section 6.2, method 1: a 12-bit counter in rand_a keeps ids of one millisecond in
  // order; when it runs over, or the clock steps back, the timestamp runs ahead of the clock.
  if (millis > last_millis) {
    counter = static_cast<std::uint16_t>(random.next() & 0x7FFU);
  } else {
    millis = last_millis;
    if (++counter > 0xFFFU) {
      counter = 0;
      ++millis;
    }
  }
  last_millis = millis;

  uuid id;
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(millis >> (8 * (5 - i)));
  }
  id.bytes[6] = static_cast<std::uint8_t>(0x70U | (counter >> 8U));
  id.bytes[7] = static_cast<std::uint8_t>(counter);
  const std::uint64_t tail = random.next();
  std::memcpy(&id.bytes[8], &tail, sizeof(tail));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id;
}

std::string to_string(const uuid& id) {
  std::string text;
  text.reserve(36);
  for (const std::uint8_t byte : id.bytes) {
    if (is_dash_position(text.size())) {
      text += '-';
    }
    append_hex(text, byte);
  }
  return text;
}

std::optional<uuid> parse_uuid(std::string_view text) noexcept {
  if (text.size() != 36) {
    return std::nullopt;
  }
  uuid id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') {
        return std::nullopt;
      }
      continue;
    }
    const auto value = parse_hex_digit(text[i]);
    if (!value) {
      return std::nullopt;
    }
    auto& byte = id.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>(byte << 4U | *value);
    ++nibble;
  }
  return id;
}

std::optional<job_id> parse_job_id(std::string_view text) noexcept {
  const auto id = parse_uuid(text);
  return id ? std::optional<job_id>{job_id{*id}} : std::nullopt;
}

}  // namespace stayler

std::size_t std::hash<stayler::uuid>::operator()(const stayler::uuid& id) const noexcept {
  // The last eight bytes of a version 7 UUID are random but for two bits; the first are not.
  std::uint64_t tail = 0;
  std::uint64_t head = 0;
  std::memcpy(&head, id.bytes.data(), sizeof(head));
  std::memcpy(&tail, id.bytes.data() + sizeof(head), sizeof(tail));
  return static_cast<std::size_t>(tail ^ (head * 0x9E3779B97F4A7C15ULL));
}
