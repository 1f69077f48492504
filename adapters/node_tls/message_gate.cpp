// SPDX-License-Identifier: MIT
#include "adapters/node_tls/message_gate.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

/// Operations of CAF 0.17, by their numbers: 0 to 6.
constexpr unsigned char server_handshake = 0;
constexpr unsigned char client_handshake = 1;
constexpr unsigned char routed_message = 3;
constexpr unsigned char heartbeat = 6;
constexpr unsigned char last_operation = heartbeat;

/// More than the id of a process takes; a server has more behind its own.
constexpr std::size_t most_process_bytes = 256;

}  // namespace

bool message_gate::lets_pass(std::span<const char> bytes) {
  while (!bytes.empty()) {
    std::size_t size = 1;
    if (payload_left_ > 0) {
      size = std::min(payload_left_, bytes.size());
      read_payload(bytes.first(size));
      if (payload_left_ == 0 && !accepts_payload()) {
        return false;
      }
    } else {
      header_[header_read_++] = static_cast<unsigned char>(bytes.front());
      if (header_read_ == header_bytes && !accepts_header()) {
        return false;
      }
    }
    bytes = bytes.subspan(size);
  }
  return true;
}

bool message_gate::accepts_header() {
  header_read_ = 0;
  handshake_.clear();
  const unsigned char operation = header_[0];
  std::uint32_t size = 0;
  for (std::size_t i = 4; i < 8; ++i) {
    size = size << 8U | header_[i];
  }
  payload_left_ = size;
  if (operation == server_handshake || operation == client_handshake) {
    // Either would tell CAF who is at the other end.
    const bool is_own = (operation == client_handshake) == (from_ == link_end::client);
    const std::size_t most = from_ == link_end::client ? most_process_bytes : most_payload_bytes;
    return is_own && size > 0 && size <= most;
  }
  // Nodes are connected to each coordinator directly: nothing is routed by way of another.
  const bool is_known = operation <= last_operation && operation != routed_message;
  return is_known && size <= most_payload_bytes && (!process_.empty() || operation == heartbeat);
}

void message_gate::read_payload(std::span<const char> piece) {
  payload_left_ -= piece.size();
  if (header_[0] == server_handshake || header_[0] == client_handshake) {
    handshake_.append(piece.data(), std::min(piece.size(), most_process_bytes - handshake_.size()));
  }
}

bool message_gate::accepts_payload() {
  if (handshake_.empty()) {
    return true;
  }
  // CAF repeats it, to choose among connections; another one would be another process.
  const bool is_first = process_.empty();
  if (is_first) {
    process_ = std::move(handshake_);
  }
  return is_first || process_ == handshake_;
}

}  // namespace stayler::adapters
