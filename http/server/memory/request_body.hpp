// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/memory/byte_budget.hpp"
#include "messages/images/image.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::http {

/// A request's body, whole, with the room that it takes.
class request_body {
 public:
  request_body() = default;
  request_body(std::string text, byte_room_ptr room = nullptr)  // NOLINT: a text is a body
      : text_(std::move(text)), room_(std::move(room)) {}
  request_body(std::string_view text) : text_(text) {}  // NOLINT
  request_body(const char* text) : text_(text) {}       // NOLINT
  request_body(std::vector<std::byte> bytes, byte_room_ptr room);

  [[nodiscard]] std::string_view view() const noexcept;
  operator std::string_view() const noexcept { return view(); }  // NOLINT: reads like a text

  [[nodiscard]] std::size_t size() const noexcept { return view().size(); }
  [[nodiscard]] bool empty() const noexcept { return view().empty(); }

  /// The bytes of that part of the view, for the actors. Those of a large body are not copied:
  /// nothing of it is left here, and its room is taken until both are gone.
  [[nodiscard]] shared_bytes hand_over(std::string_view part) const;

  friend bool operator==(const request_body& body, std::string_view text) noexcept {
    return body.view() == text;
  }

 private:
  std::string text_;
  /// In place of the text: what arrived in a file. Requests are shared as const; only the endpoint,
  /// which has the request to itself, hands bytes over.
  mutable std::shared_ptr<std::vector<std::byte>> bytes_;
  byte_room_ptr room_;
};

}  // namespace stayler::http
