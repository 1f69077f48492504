// SPDX-License-Identifier: MIT
#include "http/server/memory/request_body.hpp"

#include <algorithm>
#include <span>

namespace stayler::http {

namespace {

struct bytes_with_room {
  std::vector<std::byte> bytes;
  byte_room_ptr room;
};

}  // namespace

request_body::request_body(std::vector<std::byte> bytes, byte_room_ptr room)
    : room_(std::move(room)) {
  const auto both = std::make_shared<bytes_with_room>(bytes_with_room{std::move(bytes), room_});
  bytes_ = {both, &both->bytes};
}

std::string_view request_body::view() const noexcept {
  return bytes_ ? std::string_view{reinterpret_cast<const char*>(bytes_->data()), bytes_->size()}
                : std::string_view{text_};
}

shared_bytes request_body::hand_over(std::string_view part) const {
  if (!bytes_) {
    const auto bytes = std::as_bytes(std::span{part});
    return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
  }
  const auto whole = std::exchange(bytes_, nullptr);
  const auto first =
      whole->begin() + (reinterpret_cast<const std::byte*>(part.data()) - whole->data());
  if (first != whole->begin()) {
    std::copy(first, first + static_cast<std::ptrdiff_t>(part.size()), whole->begin());
  }
  whole->resize(part.size());
  return whole;
}

}  // namespace stayler::http
