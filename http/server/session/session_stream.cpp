// SPDX-License-Identifier: MIT

// The part of a session that sends a body which is made while it is sent.

#include "http/server/session/session.hpp"

#include <boost/asio/write.hpp>

#include <charconv>

namespace stayler::http {

namespace {

namespace asio = boost::asio;

constexpr std::string_view last_chunk = "0\r\n\r\n";

void append_chunk(std::string& out, std::string_view bytes) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  out.append(size.data(), end).append("\r\n").append(bytes).append("\r\n");
}

}  // namespace

void session::do_stream() {
  answer_.stream->begin([answers = context_.answers, self = weak_from_this(), n = request_number_] {
    answers->put({self, n, stream_wake{}});
  });
  piece_ = std::move(head_);
  set_deadline(context_.options.write_timeout);
  watch_peer();
  asio::async_write(
      connection_, asio::buffer(piece_), guard([](session& self, error_code ec, std::size_t) {
        if (self.phase_ == phase::closed) {
          return;
        }
        ec ? self.close() : self.do_next_piece();
      })
  );
}

void session::take(std::uint64_t request_number, stream_wake) {
  if (phase_ == phase::streaming && request_number == request_number_) {
    attempt([this] { do_next_piece(); });
  }
}

void session::do_next_piece() {
  if (context_.is_draining) {
    end_stream();
    return;
  }
  auto next = answer_.stream->next();
  if (!next.bytes.empty() || next.is_last) {
    do_send(std::move(next.bytes), next.is_last);
    return;
  }
  phase_ = phase::streaming;
  piece_ = {};
  set_deadline(answer_.stream->heartbeat_interval());
}

void session::end_stream() {
  do_send({}, true);
}

void session::do_send(std::string bytes, bool is_last) {
  phase_ = phase::writing;
  set_deadline(context_.options.write_timeout);
  if (is_http_1_0_) {
    piece_ = std::move(bytes);
  } else {
    piece_.clear();
    if (!bytes.empty()) {
      append_chunk(piece_, bytes);
    }
    piece_.append(is_last ? last_chunk : "");
  }
  asio::async_write(
      connection_, asio::buffer(piece_),
      guard([is_last](session& self, error_code ec, std::size_t) {
        if (self.phase_ == phase::closed) {
          return;
        }
        if (ec || is_last) {
          self.on_written(ec);
        } else {
          self.do_next_piece();
        }
      })
  );
}

/// Who has closed its side will read no more: without this it would be noticed with the next
/// heartbeat at the earliest. What else arrives is left unread; the connection ends with the
/// stream.
void session::watch_peer() {
  connection_.async_watch(guard([](session& self, error_code ec) {
    if (!ec && self.answer_.stream != nullptr) {
      self.close();
    }
  }));
}

}  // namespace stayler::http
