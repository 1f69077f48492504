// SPDX-License-Identifier: MIT
#include "http/server/connections/proxy_greeting.hpp"

#include "adapters/log/log.hpp"
#include "http/server/connections/proxy_header.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>

#include <utility>

namespace stayler::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

using adapters::logs::http::log;

}  // namespace

proxy_greeting::proxy_greeting(asio::ip::tcp::socket socket, std::string peer)
    : socket_(std::move(socket)), peer_(std::move(peer)), timer_(socket_.get_executor()) {}

void proxy_greeting::start(milliseconds limit, callback done) {
  done_ = std::move(done);
  timer_.expires_after(limit);
  timer_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) {
      error_code ignored;
      self->socket_.close(ignored);  // what is being read ends with an error
    }
  });
  read(parse_proxy_header({}).wanted);
}

void proxy_greeting::read(std::size_t bytes) {
  const auto begin = bytes_.size();
  bytes_.resize(begin + bytes);
  asio::async_read(
      socket_, asio::buffer(bytes_.data() + begin, bytes),
      [self = shared_from_this()](error_code ec, std::size_t) { self->on_read(ec); }
  );
}

void proxy_greeting::on_read(error_code ec) {
  const auto header = ec ? proxy_header{} : parse_proxy_header(bytes_);
  switch (header.now) {
    case proxy_header::state::incomplete:
      read(header.wanted);
      return;
    case proxy_header::state::complete:
      finish(header.source.empty() ? peer_ : header.source);
      return;
    case proxy_header::state::malformed:
      // A check that only connects says nothing.
      if (done_ && ec != asio::error::eof) {
        log.warning(
            "a trusted proxy did not begin with a PROXY header",
            {{"who", peer_}, {"reason", ec ? ec.message() : "it is malformed"}}
        );
      }
      finish(std::nullopt);
      return;
  }
}

void proxy_greeting::finish(std::optional<std::string> caller) {
  timer_.cancel();
  if (const auto done = std::exchange(done_, {})) {
    done(shared_from_this(), std::move(caller));
  }
}

void proxy_greeting::close() {
  done_ = {};
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace stayler::http
