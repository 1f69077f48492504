// SPDX-License-Identifier: MIT
#pragma once

// A client that sends exactly the bytes it is given, so that tests can break the rules of HTTP.

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>
#include <utility>

namespace stayler::test {

/// An answer as it came over the wire; header names in lower case.
struct raw_answer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;
  std::string body;
};

/// What a connection puts between its bytes and the socket: TLS.
class wire_layer {
 public:
  virtual ~wire_layer() = default;
  /// As ::send() and ::recv() answer.
  virtual ssize_t send(std::string_view bytes) = 0;
  virtual ssize_t receive(char* into, std::size_t size) = 0;
  virtual void end() = 0;  ///< says that no more will be sent
};

/// One TCP connection to a port on loopback. No read waits longer than ten seconds.
class raw_connection {
 public:
  explicit raw_connection(std::uint16_t port, const char* from = "127.0.0.1")
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, from, &address.sin_addr);
    const bool is_bound = ::bind(socket_, in_general(address), sizeof(address)) == 0;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!is_bound || ::connect(socket_, in_general(address), sizeof(address)) != 0) {
      ::close(socket_);
      throw std::runtime_error("cannot connect");
    }
  }
  raw_connection(const raw_connection&) = delete;
  raw_connection& operator=(const raw_connection&) = delete;
  ~raw_connection() { ::close(socket_); }

  /// False where the other side has closed before all of it was taken.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = send_some(bytes);
      if (count <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  /// No more will be sent; answers can still be read.
  void end_sending() { layer_ ? layer_->end() : static_cast<void>(::shutdown(socket_, SHUT_WR)); }

  /// The next answer. `to_head`: the request was a HEAD, so no body follows. Throws where the
  /// connection ends first.
  raw_answer read_answer(bool to_head = false) {
    raw_answer answer;
    const std::string head = read_until("\r\n\r\n");
    answer.status = static_cast<unsigned>(std::strtoul(head.substr(9, 3).c_str(), nullptr, 10));
    for (auto line = head.find("\r\n") + 2; line + 2 < head.size();) {
      const auto colon = head.find(": ", line);
      const auto end = head.find("\r\n", line);
      std::string name = head.substr(line, colon - line);
      for (char& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      }
      answer.headers[name] = head.substr(colon + 2, end - colon - 2);
      line = end + 2;
    }
    const auto length = answer.headers.find("content-length");
    if (!to_head && length != answer.headers.end()) {
      answer.body = read_exactly(std::strtoul(length->second.c_str(), nullptr, 10));
    }
    return answer;
  }

  std::string read_until(std::string_view end) {
    auto found = pending_.find(end);
    for (; found == std::string::npos; found = pending_.find(end)) {
      receive();
    }
    return take(found + end.size());
  }

  std::string read_exactly(std::size_t count) {
    while (pending_.size() < count) {
      receive();
    }
    return take(count);
  }

  /// All that comes until the other side closes; throws where it resets or keeps silent.
  std::string read_to_end() {
    std::array<char, 4096> chunk{};
    for (;;) {
      const auto count = receive_some(chunk.data(), chunk.size());
      if (count < 0) {
        throw std::runtime_error(errno == ECONNRESET ? "reset" : "silence");
      }
      if (count == 0) {
        return take(pending_.size());
      }
      pending_.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }

  /// Reads until the other side closes, or resets; false where it does neither for ten seconds.
  bool is_closed_by_peer() {
    std::array<char, 4096> chunk{};
    for (;;) {
      const auto count = receive_some(chunk.data(), chunk.size());
      if (count <= 0) {
        return count == 0 || errno == ECONNRESET;
      }
    }
  }

 protected:
  [[nodiscard]] int socket() const noexcept { return socket_; }

  /// Before anything is sent or read.
  void put_on(std::unique_ptr<wire_layer> layer) { layer_ = std::move(layer); }

 private:
  ssize_t send_some(std::string_view bytes) {
    return layer_ ? layer_->send(bytes) : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  ssize_t receive_some(char* into, std::size_t size) {
    return layer_ ? layer_->receive(into, size) : ::recv(socket_, into, size, 0);
  }

  static const sockaddr* in_general(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
  }

  void receive() {
    std::array<char, 65536> chunk{};
    const auto count = receive_some(chunk.data(), chunk.size());
    if (count <= 0) {
      throw std::runtime_error(count == 0 ? "the connection ended" : "reset or silence");
    }
    pending_.append(chunk.data(), static_cast<std::size_t>(count));
  }

  std::string take(std::size_t count) {
    std::string taken = pending_.substr(0, count);
    pending_.erase(0, count);
    return taken;
  }

  int socket_;
  std::unique_ptr<wire_layer> layer_;  ///< null: none
  std::string pending_;
};

}  // namespace stayler::test
