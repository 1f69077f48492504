// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/request/framing.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::http {

/// Takes a request's body out of the bytes that follow its head. Of chunks it takes the plain form
/// alone: a size of 16 digits at most, no extensions, no trailer fields. Nobody here would read
/// those, and each of them is a place where endless bytes count as nothing.
class body_reader {
 public:
  enum class state : std::uint8_t { incomplete, complete, too_large, malformed };

  /// A body of more than `limit` bytes is too large.
  body_reader(body_framing framing, std::size_t limit);

  /// How many of these bytes are the body's; those after them belong to the next request.
  std::size_t take(std::string_view bytes);

  [[nodiscard]] state now() const noexcept { return state_; }
  /// Of the body, so far.
  [[nodiscard]] std::size_t body_bytes() const noexcept { return body_bytes_; }

  /// Of these, those that were not released yet.
  [[nodiscard]] std::size_t held_bytes() const noexcept { return body_.size(); }

  /// What there is of the body since the last call of this.
  std::string release() noexcept { return std::exchange(body_, {}); }

 private:
  enum class part : std::uint8_t { size, data, end_of_chunk, end_of_body };

  std::size_t take_data(std::string_view bytes);
  std::size_t take_line(std::string_view bytes);
  void end_line();
  void begin_chunk();

  std::size_t limit_;
  bool is_chunked_;
  state state_ = state::incomplete;
  part part_ = part::size;
  std::uint64_t left_ = 0;  ///< of the data that is being read
  std::string line_;        ///< of framing, as far as it has arrived
  std::size_t framing_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  std::string body_;
};

}  // namespace stayler::http
