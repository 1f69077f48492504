// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/node_tls/node_credentials.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace stayler::adapters {

/// Looks at the messages of CAF's protocol (BASP) that go by in one direction, and stops what CAF
/// 0.17 would take and nodes never send: messages that announce more than they may, for which it
/// allocates memory first, and messages in the name of another process.
class message_gate {
 public:
  /// A hello with the attempts of 10,000 slots takes a quarter of it; pictures go another way.
  static constexpr std::uint32_t most_payload_bytes = 4U * 1024 * 1024;

  /// Of the process at that end of the connection.
  explicit message_gate(link_end from) : from_(from) {}

  /// False where something among these bytes, which follow those before, must not pass: then the
  /// connection is to be closed.
  [[nodiscard]] bool lets_pass(std::span<const char> bytes);

  /// How the process has named itself: CAF's id of it, and what a server says behind it. It cannot
  /// change any more. Empty before the handshake.
  [[nodiscard]] const std::string& process() const noexcept { return process_; }

 private:
  static constexpr std::size_t header_bytes = 32;

  [[nodiscard]] bool accepts_header();
  void read_payload(std::span<const char> piece);
  [[nodiscard]] bool accepts_payload();

  link_end from_;
  std::array<unsigned char, header_bytes> header_{};
  std::size_t header_read_ = 0;
  std::size_t payload_left_ = 0;
  std::string handshake_;  ///< the beginning of the one that is being read
  std::string process_;
};

}  // namespace stayler::adapters
