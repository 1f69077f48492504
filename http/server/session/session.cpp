// SPDX-License-Identifier: MIT
#include "http/server/session/session.hpp"

#include "adapters/log/log.hpp"
#include "http/server/connections/forwarded_for.hpp"
#include "http/server/connections/network.hpp"

#include <algorithm>
#include <exception>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace stayler::http {

namespace {

namespace asio = boost::asio;

using adapters::logs::http::log;

/// What the system takes of an answer before the client has: for a client that does not read it
/// would otherwise take megabytes, which count as this process's memory in a container.
constexpr int most_unsent_bytes = 128 * 1024;

}  // namespace

session::session(asio::ip::tcp::socket socket, std::string peer, session_context& context)
    : connection_(
        std::move(socket), context.options.tls ? context.options.tls->context() : nullptr
    ),
      context_(context),
      peer_(std::move(peer)),
      is_proxy_(is_trusted(context.options.trusted_proxies, peer_)),
      network_(is_proxy_ ? "" : network_of(peer_)),
      buffer_(context.options.max_header_bytes + body_read_bytes) {
  error_code ignored;
  connection_.socket().set_option(asio::ip::tcp::no_delay{true}, ignored);
  ::setsockopt(
      connection_.socket().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most_unsent_bytes,
      sizeof(most_unsent_bytes)
  );
  find_standing_headers({});
}

void session::start() {
  attempt([this] { connection_.is_encrypted() ? do_greet() : begin(); });
}

void session::refuse(std::string_view reason) {
  refusal_ = reason;
  start();
}

void session::do_greet() {
  phase_ = phase::greeting;
  if (refusal_.empty()) {
    join_waiting();
  }
  set_deadline(context_.options.handshake_timeout);
  connection_.async_handshake(guard([](session& self, error_code ec) {
    if (self.phase_ != phase::closed) {
      self.on_greeted(ec);
    }
  }));
}

void session::on_greeted(error_code ec) {
  leave_waiting();
  if (!ec) {
    begin();
  } else if (connection_.becomes_plain(ec)) {
    reject(400, "Bad Request", "this port speaks HTTPS; the request came in plain HTTP");
  } else {
    log.debug("no TLS handshake", {{"reason", ec.message()}, {"who", peer_}});
    close();
  }
}

void session::begin() {
  if (!refusal_.empty()) {
    auto refusal = make_problem(503, "Service Unavailable", refusal_);
    refusal.headers.emplace_back("Retry-After", "1");
    reject(std::move(refusal));
    return;
  }
  do_wait();
  // Who connects is about to ask; the long idle time is for those who have asked before.
  set_deadline(std::min(context_.options.read_timeout, context_.options.idle_timeout));
}

void session::on_deadline() {
  if (phase_ == phase::streaming) {
    attempt([this] { do_send(answer_.stream->heartbeat(), false); });
    return;
  }
  if (phase_ == phase::queued) {
    attempt([this] { refuse_for_room(); });
    return;
  }
  // A deadline that is still overdue at the next look has nothing under way that could end.
  if (phase_ != phase::reading || is_timed_out_) {
    close();
    return;
  }
  // The read that is under way ends with operation_aborted, and on_read_failure answers. Beast's
  // own stream timeouts would close the socket, and the client would never learn why.
  is_timed_out_ = true;
  connection_.cancel();
}

void session::drain() {
  if (phase_ == phase::waiting || phase_ == phase::greeting) {
    close();
  } else if (phase_ == phase::streaming) {
    attempt([this] { end_stream(); });
  } else if (phase_ == phase::lingering) {
    deadline_ = std::min(deadline_, clock::now() + milliseconds{500});
  }
}

void session::close_after(const std::exception& e) {
  log.error(
      "a connection is closed after an exception",
      {{"reason", e.what()}, {"requestId", request_id_}, {"who", peer_}}
  );
  close();
}

void session::close() {
  if (phase_ == phase::closed) {
    return;
  }
  leave_waiting();
  if (phase_ == phase::waiting || phase_ == phase::handling) {
    connection_.say_goodbye();
  }
  phase_ = phase::closed;
  drop_body();
  answer_.stream.reset();
  deadline_ = clock::time_point::max();
  connection_.close();
  context_.on_closed(shared_from_this());
}

void session::do_wait() {
  phase_ = phase::waiting;
  if (context_.is_draining) {
    close();
    return;
  }
  if (buffer_.size() > 0) {
    do_read_head();
    return;
  }
  join_waiting();
  if (buffer_.capacity() > first_read_bytes) {
    buffer_.shrink_to_fit();
  }
  set_deadline(context_.options.idle_timeout);
  connection_.async_read_some(
      buffer_.prepare(first_read_bytes), guard([](session& self, error_code ec, std::size_t count) {
        if (ec) {
          self.close();
        } else if (self.phase_ != phase::closed) {
          self.buffer_.commit(count);
          self.do_read_head();
        }
      })
  );
}

void session::join_waiting() {
  waiting_since_ = clock::now();
  context_.waiting.splice(context_.waiting.end(), own_place_);
}

void session::leave_waiting() {
  if (own_place_.empty()) {
    own_place_.splice(own_place_.end(), context_.waiting, place_);
  }
}

void session::reject(unsigned status, std::string_view title, std::string_view detail) {
  reject(make_problem(status, title, detail));
}

void session::reject(response refusal) {
  log.debug(
      "request refused",
      {{"method", method_}, {"status", refusal.status}, {"requestId", request_id_}, {"who", peer_}}
  );
  // The rest of what was sent cannot be told from a next request.
  closes_ = true;
  drop_body();
  parser_.reset();
  do_write(std::move(refusal));
}

void session::do_handle() {
  drop_body();
  parser_.reset();
  phase_ = phase::handling;
  deadline_ = clock::time_point::max();
  const auto responder =
      make_responder(context_.answers, weak_from_this(), ++request_number_, request_id_);
  context_.answers->hold();
  try {
    context_.handle(std::move(request_), responder);
  } catch (const std::exception& e) {
    log.error("the handler threw", {{"requestId", request_id_}, {"reason", e.what()}});
    responder->send(make_problem(500, "Internal Server Error", "the request could not be handled"));
  }
  context_.answers->release();
}

void session::take(std::uint64_t request_number, response answer) {
  if (phase_ == phase::handling && request_number == request_number_) {
    attempt([&] { do_write(find_room_for_answer(std::move(answer))); });
  }
}

}  // namespace stayler::http
