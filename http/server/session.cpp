// SPDX-License-Identifier: MIT
#include "http/server/session.hpp"

#include "adapters/log/log.hpp"
#include "http/server/target.hpp"
#include "messages/base/text.hpp"
#include "messages/base/uuid.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

#include <algorithm>
#include <exception>

namespace stayler::http {

namespace {

namespace asio = boost::asio;
namespace wire = boost::beast::http;

using adapters::logs::http::log;

constexpr std::size_t first_read_bytes = 2048;
constexpr std::size_t body_read_bytes = 64UL * 1024;

bool is_usable_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && is_visible(id);
}

std::string new_request_id() {
  return to_string(make_uuid_v7(std::chrono::system_clock::now()));
}

response body_too_large(std::size_t limit) {
  return make_problem(
      413, "Content Too Large", "the body may have at most " + std::to_string(limit) + " bytes"
  );
}

}  // namespace

session::session(asio::ip::tcp::socket socket, session_context& context)
    : socket_(std::move(socket)), context_(context) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  remote_address_ = socket_.remote_endpoint(ignored).address().to_string();
}

void session::start() {
  do_wait();
  // Who connects is about to ask; the long idle time is for those who have asked before.
  set_deadline(std::min(context_.options.read_timeout, context_.options.idle_timeout));
}

void session::refuse() {
  auto refusal = make_problem(503, "Service Unavailable", "too many connections");
  refusal.headers.emplace_back("Retry-After", "1");
  reject(std::move(refusal));
}

void session::on_deadline() {
  if (phase_ == phase::streaming) {
    do_send(answer_.stream->heartbeat(), false);
    return;
  }
  if (phase_ != phase::reading) {
    close();
    return;
  }
  // The read that is under way ends with operation_aborted, and on_read_failure answers. Beast's
  // own stream timeouts would close the socket, and the client would never learn why.
  is_timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void session::drain() {
  if (phase_ == phase::waiting) {
    close();
  } else if (phase_ == phase::streaming) {
    end_stream();
  } else if (phase_ == phase::lingering) {
    deadline_ = std::min(deadline_, clock::now() + milliseconds{500});
  }
}

void session::close() {
  if (phase_ == phase::closed) {
    return;
  }
  phase_ = phase::closed;
  answer_.stream.reset();
  deadline_ = clock::time_point::max();
  error_code ignored;
  socket_.close(ignored);
  context_.on_closed(shared_from_this());
}

void session::do_wait() {
  if (context_.is_draining) {
    close();
    return;
  }
  if (buffer_.size() > 0) {
    do_read_head();
    return;
  }
  phase_ = phase::waiting;
  if (buffer_.capacity() > first_read_bytes) {
    buffer_.shrink_to_fit();
  }
  set_deadline(context_.options.idle_timeout);
  socket_.async_read_some(
      buffer_.prepare(first_read_bytes),
      [self = shared_from_this()](error_code ec, std::size_t count) {
        self->on_first_bytes(ec, count);
      }
  );
}

void session::on_first_bytes(error_code ec, std::size_t count) {
  if (ec) {
    close();
  } else if (phase_ != phase::closed) {
    buffer_.commit(count);
    do_read_head();
  }
}

void session::do_read_head() {
  phase_ = phase::reading;
  set_deadline(context_.options.read_timeout);
  is_timed_out_ = false;
  closes_ = false;
  is_http_1_0_ = false;
  method_.clear();
  request_id_.clear();
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(context_.options.max_header_bytes));
  parser_->body_limit(boost::none);  // it depends on the head, and is set when that is known
  wire::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](error_code ec, std::size_t) { self->on_head(ec); }
  );
}

void session::on_head(error_code ec) {
  if (phase_ == phase::closed) {
    return;
  }
  if (ec) {
    on_read_failure(ec);
    return;
  }
  if (auto refusal = take_head()) {
    reject(std::move(*refusal));
  } else if (auto broken_rule = check_body_rules()) {
    reject(std::move(*broken_rule));
  } else if (parser_->is_done()) {
    do_handle();
  } else if (context_.options.reads_body && !context_.options.reads_body(request_)) {
    closes_ = true;  // what follows is no request
    do_handle();
  } else if (parser_->get().count(wire::field::expect) > 0 && buffer_.size() == 0) {
    do_continue();
  } else {
    do_read_body();
  }
}

std::optional<response> session::take_head() {
  const auto& head = parser_->get();
  is_http_1_0_ = head.version() < 11;
  closes_ = !head.keep_alive();
  method_ = head.method_string();
  request_ = {};
  request_.method = method_;
  request_.remote_address = remote_address_;
  for (const auto& field : head) {
    request_.headers.emplace_back(to_lower(field.name_string()), field.value());
  }
  const auto wanted_id = request_.header("x-request-id").value_or("");
  request_id_ = is_usable_id(wanted_id) ? std::string{wanted_id} : new_request_id();
  request_.request_id = request_id_;
  if (head.count(wire::field::host) != 1 && !is_http_1_0_) {
    return make_problem(400, "Bad Request", "exactly one Host header is required");
  }
  auto parsed = parse_target(head.target());
  if (!parsed) {
    return make_problem(400, "Bad Request", parsed.error().message);
  }
  request_.path = std::move(parsed->path);
  request_.query = std::move(parsed->query);
  return std::nullopt;
}

std::optional<response> session::check_body_rules() {
  const auto& head = parser_->get();
  // Beast takes a request with any other coding for one without a body, and its body for the next
  // request.
  if (head.count(wire::field::transfer_encoding) > 0 && !parser_->chunked()) {
    return make_problem(501, "Not Implemented", "the only transfer coding is chunked");
  }
  if (const auto expected = request_.header("expect")) {
    if (!equals_ignoring_case(*expected, "100-continue")) {
      return make_problem(417, "Expectation Failed", "the only expectation is 100-continue");
    }
  }
  const auto& options = context_.options;
  body_limit_ = options.body_limit ? options.body_limit(request_.method, request_.path)
                                   : options.max_body_bytes;
  if (const auto length = parser_->content_length(); length && *length > body_limit_) {
    return body_too_large(body_limit_);
  }
  return std::nullopt;
}

void session::do_continue() {
  asio::async_write(
      socket_, asio::buffer(std::string_view{"HTTP/1.1 100 Continue\r\n\r\n"}),
      [self = shared_from_this()](error_code ec, std::size_t) {
        if (ec) {
          self->on_read_failure(ec);
        } else if (self->phase_ != phase::closed) {
          self->do_read_body();
        }
      }
  );
}

void session::do_read_body() {
  parser_->body_limit(body_limit_);
  buffer_.reserve(body_read_bytes);
  wire::async_read(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](error_code ec, std::size_t) { self->on_body(ec); }
  );
}

void session::on_body(error_code ec) {
  if (ec) {
    on_read_failure(ec);
  } else if (phase_ != phase::closed) {
    do_handle();
  }
}

void session::on_read_failure(error_code ec) {
  if (phase_ == phase::closed) {
    return;
  }
  if (is_timed_out_) {
    reject(408, "Request Timeout", "the request did not arrive in time");
  } else if (ec == wire::error::header_limit || ec == wire::error::buffer_overflow) {
    reject(431, "Request Header Fields Too Large", "the request's head is too long");
  } else if (ec == wire::error::body_limit) {
    reject(body_too_large(body_limit_));
  } else if (ec == wire::error::partial_message) {
    reject(400, "Bad Request", "the request ends in the middle");
  } else if (ec.category() == make_error_code(wire::error::bad_method).category() && ec != wire::error::end_of_stream) {
    reject(400, "Bad Request", "the request is not valid HTTP: " + ec.message());
  } else {
    close();
  }
}

void session::reject(unsigned status, std::string_view title, std::string_view detail) {
  reject(make_problem(status, title, detail));
}

void session::reject(response refusal) {
  log.debug(
      "request refused", {{"method", method_},
                          {"status", refusal.status},
                          {"requestId", request_id_},
                          {"who", remote_address_}}
  );
  // The rest of what was sent cannot be told from a next request.
  closes_ = true;
  parser_.reset();
  do_write(std::move(refusal));
}

void session::do_handle() {
  request_.body = std::move(parser_->get().body());
  parser_.reset();
  phase_ = phase::handling;
  deadline_ = clock::time_point::max();
  const auto responder =
      make_responder(context_.answers, weak_from_this(), ++request_number_, request_id_);
  try {
    context_.handle(std::move(request_), responder);
  } catch (const std::exception& e) {
    log.error("the handler threw", {{"requestId", request_id_}, {"reason", e.what()}});
    responder->send(make_problem(500, "Internal Server Error", "the request could not be handled"));
  }
}

void session::answer(std::uint64_t request_number, response answer) {
  if (phase_ == phase::handling && request_number == request_number_) {
    do_write(std::move(answer));
  }
}

}  // namespace stayler::http
