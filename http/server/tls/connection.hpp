// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/tls/server_tls.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace stayler::http {

/// The bytes of one client, plain or over TLS: who reads and writes them need not know which. A
/// stream in Asio's sense. What is completed holds whoever owns this.
class connection {
 public:
  using socket_type = boost::asio::ip::tcp::socket;
  using executor_type = socket_type::executor_type;
  using error_code = boost::system::error_code;

  /// `tls`: null for a plain one.
  connection(socket_type socket, const server_tls::context_ptr& tls);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() = default;

  /// What lies below TLS.
  [[nodiscard]] socket_type& socket() noexcept { return socket_; }
  executor_type get_executor() { return socket_.get_executor(); }

  /// Whether a handshake comes before everything else.
  [[nodiscard]] bool is_encrypted() const noexcept { return tls_ != nullptr && !speaks_plainly_; }

  template <class Handler>
  void async_handshake(Handler&& handler) {
    tls_->async_handshake(boost::asio::ssl::stream_base::server, std::forward<Handler>(handler));
  }

  /// After a handshake that has failed so: true where the client speaks plain HTTP. From then on
  /// the connection does, too, so that the client can be told.
  bool becomes_plain(error_code handshake_failure);

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (is_encrypted()) {
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      socket_.async_read_some(buffers, std::forward<Handler>(handler));
    }
  }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (is_encrypted()) {
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      socket_.async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

  /// Waits until the client has ended its side, without an error, or has sent something, or the
  /// connection is closed: with one. What was sent may be lost.
  template <class Handler>
  void async_watch(Handler handler) {
    if (is_encrypted()) {
      async_read_some(boost::asio::buffer(watched_), [handler](error_code ec, std::size_t) mutable {
        const bool is_ours = ec == boost::asio::error::operation_aborted;
        handler(ec && !is_ours ? error_code{} : boost::asio::error::operation_aborted);
      });
      return;
    }
    socket_.async_wait(socket_type::wait_read, [this, handler](error_code ec) mutable {
      error_code failed;
      const bool has_ended = !ec && socket_.available(failed) == 0;
      handler(has_ended ? error_code{} : boost::asio::error::operation_aborted);
    });
  }

  /// Ends this side, of TLS with its close_notify; nothing may be being written. Only the socket
  /// itself can be read from after that.
  template <class Handler>
  void async_end(Handler handler) {
    auto end = [this, handler](error_code ec, std::size_t) mutable {
      if (!ec) {
        socket_.shutdown(socket_type::shutdown_send, ec);
      }
      handler(ec);
    };
    goodbye_ = make_goodbye();
    if (goodbye_.empty()) {
      end({}, 0);
    } else {
      boost::asio::async_write(socket_, boost::asio::buffer(goodbye_), end);
    }
  }

  /// Sends TLS's close_notify, as far as that can be done without a wait; nothing may be being
  /// written. To be closed after that.
  void say_goodbye();

  /// Aborts what is under way.
  void cancel();
  void close();

 private:
  /// TLS's close_notify; empty where there is no TLS, or not yet.
  std::string make_goodbye();

  socket_type socket_;
  std::unique_ptr<boost::asio::ssl::stream<socket_type&>> tls_;
  bool speaks_plainly_ = false;
  std::array<char, 1> watched_{};
  std::string goodbye_;
};

}  // namespace stayler::http
