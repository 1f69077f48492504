// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace stayler::test {

/// The server's end of one TCP connection, in blocking calls. Every call returns at once when the
/// server is destroyed.
class tcp_connection {
 public:
  tcp_connection(int fd, std::size_t number) : fd_(fd), number_(number) {}

  /// Which connection of the server's this is, from 0.
  [[nodiscard]] std::size_t number() const noexcept { return number_; }

  /// The next request's head up to its empty line; what is left of the bytes before it is lost.
  /// Empty where the peer has closed.
  std::string read_head();

  /// The next so many bytes; fewer where the peer has closed.
  std::string read_bytes(std::size_t count);

  /// A whole request with the body that its Content-Length announces. Empty where the peer has
  /// closed.
  std::string read_request();

  /// Sends all of the text, or as much as the peer takes.
  void write(std::string_view text);

  /// Sends a 200 with this body.
  void answer(std::string_view body);

  /// Waits until the peer has closed.
  void await_close();

  /// Ends the connection with a TCP reset instead of an orderly close.
  void reset_on_close();

 private:
  bool receive();

  int fd_;
  std::size_t number_;
  std::string buffer_;
};

/// A TCP server on loopback, on that port or a free one, whose behaviour a test spells out: the
/// handler has each connection to itself on a thread of its own, and the connection closes when it
/// returns.
class tcp_server {
 public:
  using handler = std::function<void(tcp_connection&)>;

  explicit tcp_server(handler serve, std::uint16_t port = 0);
  tcp_server(const tcp_server&) = delete;
  tcp_server& operator=(const tcp_server&) = delete;

  /// Closes all connections and waits for their handlers.
  ~tcp_server();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// "http://127.0.0.1:PORT" and the path.
  [[nodiscard]] std::string url(std::string_view path = "/") const;

  /// How many connections have been accepted.
  [[nodiscard]] std::size_t connections() const;

 private:
  void accept_all();
  void serve(int fd, std::size_t number);

  handler serve_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::size_t accepted_ = 0;
  bool is_closing_ = false;
  std::list<int> open_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace stayler::test
