// SPDX-License-Identifier: MIT

// The part of a session that sends a body which is read from elsewhere while it is sent.

#include "http/server/session/session.hpp"

#include <boost/asio/write.hpp>

#include <algorithm>

namespace stayler::http {

namespace asio = boost::asio;

void session::do_write_part(shared_bytes bytes) {
  phase_ = phase::writing;
  set_deadline(context_.options.write_timeout);
  answer_.bytes = std::move(bytes);
  body_ = asio::buffer(*answer_.bytes);
  next_offset_ += body_.size();
  left_bytes_ -= body_.size();
  asio::async_write(
      connection_, std::array<asio::const_buffer, 2>{asio::buffer(head_), body_},
      guard([](session& self, error_code ec, std::size_t) { self.on_part_written(ec); })
  );
}

void session::on_part_written(error_code ec) {
  if (phase_ == phase::closed || ec || left_bytes_ == 0) {
    on_written(ec);
  } else {
    do_fetch_part();
  }
}

/// Only when the client has taken a part is the next one asked for, in the same room.
void session::do_fetch_part() {
  phase_ = phase::fetching;
  set_deadline(context_.options.write_timeout);
  head_.clear();
  answer_.bytes.reset();
  answer_.source->read(
      next_offset_, static_cast<std::size_t>(std::min<std::uint64_t>(left_bytes_, part_bytes)),
      [answers = context_.answers, self = weak_from_this(),
       n = request_number_](shared_bytes part) {
        answers->put({self, n, next_part{std::move(part)}});
      }
  );
}

/// The head has promised how much there is: all that can be said of what is missing is the end of
/// the connection.
void session::take(std::uint64_t request_number, next_part part) {
  if (phase_ != phase::fetching || request_number != request_number_) {
    return;
  }
  if (!part.bytes || part.bytes->empty() || part.bytes->size() > left_bytes_) {
    close();
    return;
  }
  attempt([&] { do_write_part(std::move(part.bytes)); });
}

}  // namespace stayler::http
