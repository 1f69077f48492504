// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/process/wire/codec_wire.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <sys/socket.h>
#include <type_traits>

namespace stayler::adapters {

/// What came of waiting for a message.
enum class receipt : std::uint8_t {
  message,
  closed,   ///< the other side has ended
  foreign,  ///< a message of another size or kind
};

/// Sends one message whole. False where the other side has ended.
template <class Message>
bool send_message(int socket, const Message& message) {
  static_assert(std::is_trivially_copyable_v<Message>);
  ::ssize_t sent = 0;
  do {
    sent = ::send(socket, &message, sizeof message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<::ssize_t>(sizeof message);
}

/// Waits for one message of that type.
template <class Message>
receipt receive_message(int socket, Message& into) {
  static_assert(std::is_trivially_copyable_v<Message>);
  ::ssize_t got = 0;
  do {
    // With MSG_TRUNC a message that is too long says its whole length.
    got = ::recv(socket, &into, sizeof into, MSG_TRUNC);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) {
    return receipt::closed;
  }
  const bool is_of_size = got == static_cast<::ssize_t>(sizeof into);
  return is_of_size && into.envelope.magic == codec_envelope::expected_magic
                 && into.envelope.version == codec_envelope::expected_version
             ? receipt::message
             : receipt::foreign;
}

}  // namespace stayler::adapters
