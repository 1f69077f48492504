// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <string_view>

namespace stayler::http {

/// The connection of a request whose answer a connection_hook writes: as it likes, for as long as
/// it likes. Head and body are those that the server would have sent, and last until `done`. A
/// server with TLS takes no hooks: the socket lies below it.
struct raw_connection {
  boost::asio::ip::tcp::socket& socket;
  std::string_view head;
  std::string_view body;
  /// To be called once, on the I/O thread: the answer is written and the connection goes on, or,
  /// with an error, ends at once.
  std::function<void(boost::system::error_code)> done;
};

}  // namespace stayler::http
