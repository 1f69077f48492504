// SPDX-License-Identifier: MIT
#include "app/gemini_sim/faults/wire_fault.hpp"

#include "http/server/raw_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace stayler::sim {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using http::raw_connection;

void reset(const raw_connection& connection) {
  error_code ignored;
  connection.socket.set_option(asio::socket_base::linger{true, 0}, ignored);
  connection.done(asio::error::connection_reset);
}

void truncate(const raw_connection& connection) {
  const auto half = connection.body.substr(0, connection.body.size() / 2);
  asio::async_write(
      connection.socket,
      std::array<asio::const_buffer, 2>{asio::buffer(connection.head), asio::buffer(half)},
      [done = connection.done](error_code, std::size_t) { done(asio::error::eof); }
  );
}

/// Reads what comes, and gives it no answer.
class silence : public std::enable_shared_from_this<silence> {
 public:
  explicit silence(raw_connection connection) : connection_(std::move(connection)) {}

  void read() {
    connection_.socket.async_read_some(
        asio::buffer(bytes_),
        [self = shared_from_this()](error_code ec, std::size_t) {
          ec ? self->connection_.done(ec) : self->read();
        }
    );
  }

 private:
  raw_connection connection_;
  std::array<char, 4096> bytes_{};
};

/// Sends the body in pieces, with a pause before each.
class trickle : public std::enable_shared_from_this<trickle> {
 public:
  trickle(raw_connection connection, milliseconds body_time)
      : connection_(std::move(connection)),
        timer_(connection_.socket.get_executor()),
        piece_bytes_(connection_.body.size() / pieces + 1),
        pause_(body_time / int{pieces}) {}

  void begin() { write(connection_.head); }

 private:
  static constexpr unsigned char pieces = 20;

  void write(std::string_view bytes) {
    asio::async_write(
        connection_.socket, asio::buffer(bytes),
        [self = shared_from_this()](error_code ec, std::size_t) {
          if (ec || self->connection_.body.empty()) {
            self->connection_.done(ec);
          } else {
            self->wait(self->pause_);
          }
        }
    );
  }

  /// In short steps: nothing else tells that the server has closed the connection meanwhile.
  void wait(milliseconds left) {
    timer_.expires_after(std::min(left, milliseconds{50}));
    timer_.async_wait([self = shared_from_this(), left](error_code) {
      if (left > milliseconds{50} && self->connection_.socket.is_open()) {
        self->wait(left - milliseconds{50});
      } else {
        self->write_piece();
      }
    });
  }

  void write_piece() {
    const auto piece = connection_.body.substr(0, piece_bytes_);
    connection_.body.remove_prefix(piece.size());
    write(piece);
  }

  raw_connection connection_;
  asio::steady_timer timer_;
  std::size_t piece_bytes_;
  milliseconds pause_;
};

}  // namespace

http::connection_hook make_wire_hook(wire_fault fault, milliseconds body_time) {
  switch (fault) {
    case wire_fault::none:
      return {};
    case wire_fault::reset:
      return reset;
    case wire_fault::truncate:
      return truncate;
    case wire_fault::hang:
      return
          [](const raw_connection& connection) { std::make_shared<silence>(connection)->read(); };
    case wire_fault::slow_body:
      return [body_time](const raw_connection& connection) {
        std::make_shared<trickle>(connection, body_time)->begin();
      };
  }
  return {};
}

}  // namespace stayler::sim
