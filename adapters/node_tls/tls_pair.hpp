// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/node_tls/message_gate.hpp"
#include "adapters/node_tls/tls_relay.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stayler::adapters {

/// One connection through the relay: theirs, and ours to the target. Used on the relay's thread
/// only; keeps itself alive until it is closed.
class tls_pair : public std::enable_shared_from_this<tls_pair> {
 public:
  using socket = boost::asio::ip::tcp::socket;

  struct surroundings {
    boost::asio::io_context& io;
    const tls_relay_options& options;
    /// Whose turn it is of the target's addresses, where its name has several: each connection
    /// begins with the next, and so finds another where the last one was of no use.
    std::size_t turn;
    std::function<void(const std::shared_ptr<tls_pair>&)> on_trusted;
    /// Once, with the reason; empty where it was closed in the course of things.
    std::function<void(const std::shared_ptr<tls_pair>&, const std::string&)> on_closed;
  };

  using context_ptr = std::shared_ptr<boost::asio::ssl::context>;

  tls_pair(surroundings& around, context_ptr front, context_ptr back, socket theirs);

  void start();
  void close(const std::string& why = "");
  /// Closes it where a side has been silent for too long.
  void look(std::chrono::steady_clock::time_point now);
  /// Closes it where either side would not be accepted by these contexts.
  void check_trust(boost::asio::ssl::context& front, boost::asio::ssl::context& back);

  [[nodiscard]] const boost::asio::ip::address& address() const noexcept { return address_; }
  [[nodiscard]] bool is_trusted() const noexcept { return is_trusted_; }

 private:
  using stream = boost::asio::ssl::stream<socket>;
  using error_code = boost::system::error_code;
  using step = void (tls_pair::*)();

  /// One of the two directions.
  struct direction {
    explicit direction(link_end from_end) : gate(from_end) {}

    message_gate gate;
    stream* from = nullptr;
    stream* to = nullptr;
    std::vector<char> buffer;
    std::chrono::steady_clock::time_point heard;
  };

  void set_deadline();
  /// A handler that goes on with that step, or closes where there was an error.
  auto then(step next, const char* doing);
  /// The same for a handshake, whose errors are in the session.
  auto after_handshake(step next, stream& with, const char* doing);
  /// For messages, where that side's certificate is not accepted.
  void remember_names(stream& of);
  void trust();
  void greet();
  void pass_on();
  void read(direction& way);
  /// Whether these bytes, which have come from there, may pass.
  bool may_pass(direction& way, std::size_t size);
  void write(direction& way, std::size_t size);
  /// Says goodbye, where there has been a handshake, and closes.
  void end(stream& which, bool has_met);
  void hang_up();

  surroundings& around_;
  context_ptr back_;
  stream theirs_;
  std::optional<stream> ours_;  ///< a stranger is not worth its buffers
  boost::asio::ip::tcp::resolver resolver_;
  std::vector<boost::asio::ip::tcp::endpoint> targets_;
  boost::asio::steady_timer deadline_;
  boost::asio::ip::address address_;
  std::uint16_t port_ = 0;  ///< ours, towards the target
  direction in_{link_end::client};
  direction out_{link_end::server};
  std::string names_;        ///< of a certificate that was not accepted
  bool is_refused_ = false;  ///< by the target, for its name
  bool is_trusted_ = false;  ///< the handshake with them is done
  bool is_open_ = false;     ///< and ours with the target
  bool is_closed_ = false;
};

}  // namespace stayler::adapters
