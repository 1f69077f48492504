// SPDX-License-Identifier: MIT

// The half of a session that writes: answers, and the ways in which it misbehaves on request.

#include "adapters/log/log.hpp"
#include "http/server/answer_head.hpp"
#include "http/server/session.hpp"
#include "messages/base/uuid.hpp"

#include <boost/asio/write.hpp>

#include <algorithm>

namespace stayler::http {

namespace {

namespace asio = boost::asio;
using std::chrono::seconds;

constexpr adapters::logger log{adapters::subsystem::http};

/// How long a connection may go on sending after its last answer. Closed at once, the system would
/// send a reset for what was not read, and the client might never see the answer.
constexpr seconds linger_time{3};

constexpr std::size_t discard_bytes = 16UL * 1024;

/// The time in HTTP's form, rendered once a second.
std::string_view current_date() {
  thread_local timestamp rendered_for;
  thread_local std::string text;
  const timestamp now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
  if (now != rendered_for) {
    rendered_for = now;
    text = http_date(now);
  }
  return text;
}

/// The part of the answer's body that is to be sent, wherever it is kept.
asio::const_buffer body_of(const response& answer) {
  if (!answer.bytes) {
    return asio::buffer(answer.body);
  }
  const auto offset = std::min(answer.byte_offset, answer.bytes->size());
  const auto count = std::min(answer.byte_count, answer.bytes->size() - offset);
  return {answer.bytes->data() + offset, count};
}

}  // namespace

void session::do_write(response what, wire_fault fault) {
  phase_ = phase::writing;
  answer_ = std::move(what);
  closes_ = closes_ || context_.is_draining || answer_.stream;
  body_ = has_body(answer_.status) ? body_of(answer_) : asio::const_buffer{};
  if (request_id_.empty()) {
    request_id_ = to_string(make_uuid_v7(std::chrono::system_clock::now()));
  }
  head_ = render_head(
      answer_, {context_.options.server_name, request_id_, current_date(), body_.size(),
                answer_.stream != nullptr, closes_, is_http_1_0_}
  );
  if (answer_.stream && method_ != "HEAD") {
    do_stream();
    return;
  }
  if (method_ == "HEAD") {
    body_ = {};
  }
  set_deadline(context_.options.write_timeout);
  switch (fault.what) {
    case wire_fault::kind::reset:
      do_reset();
      return;
    case wire_fault::kind::truncate:
      do_truncate();
      return;
    case wire_fault::kind::hang:
      deadline_ = clock::time_point::max();
      phase_ = phase::lingering;
      do_discard();
      return;
    case wire_fault::kind::slow_body:
      do_write_slowly(fault.body_time);
      return;
    case wire_fault::kind::none:
      break;
  }
  asio::async_write(
      socket_, std::array<asio::const_buffer, 2>{asio::buffer(head_), body_},
      [self = shared_from_this()](error_code ec, std::size_t) { self->on_written(ec); }
  );
}

void session::log_answer() const {
  if (!log.writes(adapters::log_level::debug)) {
    return;
  }
  const std::chrono::duration<double, std::milli> took = clock::now() - begun_;
  log.debug(
      "request answered", {{"method", method_},
                           {"route", answer_.route},
                           {"status", answer_.status},
                           {"tookMs", took.count()},
                           {"requestId", request_id_},
                           {"who", remote_address_}}
  );
}

void session::on_written(error_code ec) {
  if (phase_ == phase::closed) {
    return;
  }
  log_answer();
  answer_ = {};
  if (ec) {
    close();
  } else if (closes_) {
    do_linger();
  } else {
    do_wait();
  }
}

void session::do_linger() {
  error_code ec;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
  if (ec) {
    close();
    return;
  }
  phase_ = phase::lingering;
  set_deadline(linger_time);
  do_discard();
}

void session::do_discard() {
  buffer_.clear();
  socket_.async_read_some(
      buffer_.prepare(discard_bytes),
      [self = shared_from_this()](error_code ec, std::size_t) {
        if (ec) {
          self->close();
        } else if (self->phase_ != phase::closed) {
          self->do_discard();
        }
      }
  );
}

void session::do_reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  close();
}

void session::do_truncate() {
  body_ = asio::buffer(body_, body_.size() / 2);
  asio::async_write(
      socket_, std::array<asio::const_buffer, 2>{asio::buffer(head_), body_},
      [self = shared_from_this()](error_code, std::size_t) { self->close(); }
  );
}

void session::do_write_slowly(milliseconds body_time) {
  constexpr std::size_t slices = 20;
  set_deadline(context_.options.write_timeout + body_time);
  pause_.emplace(socket_.get_executor());
  const std::size_t slice = body_.size() / slices + 1;
  asio::async_write(
      socket_, asio::buffer(head_),
      [self = shared_from_this(), slice, pause = body_time / slices](error_code ec, std::size_t) {
        if (ec || self->phase_ == phase::closed) {
          self->close();
        } else {
          self->do_write_slice(slice, pause);
        }
      }
  );
}

void session::do_write_slice(std::size_t slice, milliseconds pause) {
  if (body_.size() == 0) {
    on_written({});
    return;
  }
  pause_->expires_after(pause);
  pause_->async_wait([self = shared_from_this(), slice, pause](error_code ec) {
    if (ec || self->phase_ == phase::closed) {
      return;
    }
    const auto part = asio::buffer(self->body_, slice);
    self->body_ += part.size();
    asio::async_write(self->socket_, part, [self, slice, pause](error_code failed, std::size_t) {
      if (failed || self->phase_ == phase::closed) {
        self->close();
      } else {
        self->do_write_slice(slice, pause);
      }
    });
  });
}

}  // namespace stayler::http
