// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace stayler::http {

/// Reads the PROXY header with which a trusted proxy has to begin a connection, and nothing of what
/// follows it. Lives on the I/O thread.
class proxy_greeting : public std::enable_shared_from_this<proxy_greeting> {
 public:
  /// `caller`: the address that the proxy speaks for, its own where it speaks for itself; nothing
  /// where the header did not come in time, or is none.
  using callback = std::function<
      void(const std::shared_ptr<proxy_greeting>& self, std::optional<std::string> caller)>;

  proxy_greeting(boost::asio::ip::tcp::socket socket, std::string peer);

  /// `done` is called once, but for a greeting that is closed before.
  void start(milliseconds limit, callback done);

  void close();

  /// The connection, once it has said whom it is for.
  [[nodiscard]] boost::asio::ip::tcp::socket take_socket() { return std::move(socket_); }

 private:
  void read(std::size_t bytes);
  void on_read(boost::system::error_code ec);
  void finish(std::optional<std::string> caller);

  boost::asio::ip::tcp::socket socket_;
  std::string peer_;
  boost::asio::steady_timer timer_;
  std::string bytes_;
  callback done_;
};

}  // namespace stayler::http
