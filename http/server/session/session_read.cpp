// SPDX-License-Identifier: MIT

// The half of a session that reads requests.

#include "http/server/connections/forwarded_for.hpp"
#include "http/server/request/body_pace.hpp"
#include "http/server/request/target.hpp"
#include "http/server/session/session.hpp"
#include "messages/base/text.hpp"
#include "messages/base/uuid.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>

#include <algorithm>

namespace stayler::http {

namespace {

namespace asio = boost::asio;
namespace wire = boost::beast::http;

bool is_usable_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && is_visible(id);
}

std::string new_request_id() {
  return to_string(make_uuid_v7(std::chrono::system_clock::now()));
}

/// Whether there are more fields than that; looks at no more than it has to.
bool has_more_fields(const wire::fields& head, std::size_t limit) {
  std::size_t count = 0;
  return std::any_of(head.begin(), head.end(), [&](const auto&) { return ++count > limit; });
}

response body_too_large(std::size_t limit) {
  return make_problem(
      413, "Content Too Large", "the body may have at most " + std::to_string(limit) + " bytes"
  );
}

}  // namespace

void session::do_read_head() {
  leave_waiting();
  phase_ = phase::reading;
  set_deadline(context_.options.read_timeout);
  is_timed_out_ = false;
  closes_ = false;
  is_http_1_0_ = false;
  method_.clear();
  request_id_.clear();
  find_standing_headers({});
  incoming_.reset();
  head_bytes_ = 0;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(context_.options.max_header_bytes));
  parser_->body_limit(boost::none);  // bodies are no business of the parser
  parse_head();
}

// Beast's own reading operation is not used: what throws inside it ends no connection, its limit
// of a head begins anew with each field that has arrived whole, and it reads chunks without bounds.
void session::parse_head() {
  error_code ec;
  const auto used = parser_->put(buffer_.data(), ec);
  buffer_.consume(used);
  head_bytes_ += used;
  const bool needs_more = ec == wire::error::need_more;
  const auto head_bytes = head_bytes_ + (needs_more ? buffer_.size() : 0);
  if (has_more_fields(parser_->get(), context_.options.max_header_fields)) {
    reject(431, "Request Header Fields Too Large", "the request has too many header fields");
  } else if (ec == wire::error::header_limit || head_bytes > context_.options.max_header_bytes) {
    reject(431, "Request Header Fields Too Large", "the request's head is too long");
  } else if (needs_more) {
    do_read_more(first_read_bytes, &session::parse_head);
  } else if (ec) {
    reject(400, "Bad Request", "the request is not valid HTTP: " + ec.message());
  } else {
    on_head();
  }
}

void session::do_read_more(std::size_t at_most, void (session::*next)()) {
  connection_.async_read_some(
      buffer_.prepare(at_most), guard([next](session& self, error_code ec, std::size_t count) {
        if (ec) {
          self.on_read_failure(ec);
        } else if (self.phase_ != phase::closed) {
          self.buffer_.commit(count);
          (self.*next)();
        }
      })
  );
}

void session::on_read_failure(error_code ec) {
  if (phase_ == phase::closed) {
    return;
  }
  const bool has_begun = incoming_ || head_bytes_ + buffer_.size() > 0;
  if (is_timed_out_) {
    reject(408, "Request Timeout", "the request did not arrive in time");
  } else if (ec == asio::error::eof && has_begun) {
    reject(400, "Bad Request", "the request ends in the middle");
  } else {
    close();
  }
}

void session::on_head() {
  if (auto refusal = take_head()) {
    reject(std::move(*refusal));
    return;
  }
  const auto framing = find_framing(request_, is_http_1_0_, content_length());
  if (framing.refusal) {
    reject(*framing.refusal);
  } else if (auto broken_rule = check_body_rules(framing.framing)) {
    reject(std::move(*broken_rule));
  } else if (framing.framing.how == body_framing::kind::none) {
    do_handle();
  } else if (auto coded = refuse_content_coding(request_)) {
    reject(std::move(*coded));
  } else if (context_.options.reads_body && !context_.options.reads_body(request_)) {
    closes_ = true;  // what follows is no request
    do_handle();
  } else {
    begin_body(framing.framing);
  }
}

std::optional<response> session::take_head() {
  const auto& head = parser_->get();
  is_http_1_0_ = head.version() < 11;
  closes_ = !head.keep_alive();
  method_ = head.method_string();
  request_ = {};
  request_.method = method_;
  for (const auto& field : head) {
    request_.headers.emplace_back(to_lower(field.name_string()), field.value());
  }
  // Who sends a PROXY header passes on what callers write: X-Forwarded-For is theirs.
  request_.remote_address =
      is_proxy_ && !context_.options.expects_proxy_header
          ? forwarded_caller(request_, peer_, context_.options.trusted_proxies)
          : peer_;
  find_standing_headers(request_);
  const auto wanted_id = request_.header("x-request-id").value_or("");
  request_id_ = is_usable_id(wanted_id) ? std::string{wanted_id} : new_request_id();
  request_.request_id = request_id_;
  const auto hosts = head.count(wire::field::host);
  if (hosts > 1 || (hosts == 0 && !is_http_1_0_)) {
    return make_problem(400, "Bad Request", "exactly one Host header is required");
  }
  auto parsed = parse_target(head.target());
  if (!parsed) {
    return make_problem(400, "Bad Request", parsed.error().message);
  }
  // What looks at the Host would otherwise be told one thing, and the front another.
  if (!parsed->authority.empty()
      && !equals_ignoring_case(parsed->authority, request_.header("host").value_or(""))) {
    return make_problem(400, "Bad Request", "the request's target and its Host differ");
  }
  request_.path = std::move(parsed->path);
  request_.query = std::move(parsed->query);
  return std::nullopt;
}

std::optional<std::uint64_t> session::content_length() const {
  const auto length = parser_->content_length();
  return length ? std::optional<std::uint64_t>{*length} : std::nullopt;
}

std::optional<response> session::check_body_rules(const body_framing& framing) {
  expects_continue_ = false;
  // HTTP/1.0 knows no expectations, and its clients would take the interim answer for the final.
  if (const auto expected = request_.header("expect"); expected && !is_http_1_0_) {
    if (!equals_ignoring_case(*expected, "100-continue")) {
      return make_problem(417, "Expectation Failed", "the only expectation is 100-continue");
    }
    expects_continue_ = true;
  }
  const auto& options = context_.options;
  body_limit_ = options.body_limit ? options.body_limit(request_.method, request_.path)
                                   : options.max_body_bytes;
  if (framing.length > body_limit_) {
    return body_too_large(body_limit_);
  }
  return std::nullopt;
}

void session::begin_body(const body_framing& framing) {
  if (!find_room_for_body(framing)) {
    reject(no_room_answer());
    return;
  }
  incoming_.emplace(framing, body_limit_);
  body_begun_ = clock::now();
  expect_body();
  if (expects_continue_ && buffer_.size() == 0) {
    do_continue();
  } else {
    take_body();
  }
}

void session::expect_body() {
  const auto& options = context_.options;
  deadline_ = body_deadline(
      {options.read_timeout, options.min_body_rate}, body_begun_, clock::now(),
      incoming_->body_bytes()
  );
}

void session::do_continue() {
  asio::async_write(
      connection_, asio::buffer(std::string_view{"HTTP/1.1 100 Continue\r\n\r\n"}),
      guard([](session& self, error_code ec, std::size_t) {
        if (ec) {
          self.on_read_failure(ec);
        } else if (self.phase_ != phase::closed) {
          self.take_body();
        }
      })
  );
}

void session::on_body_in_memory() {
  auto body = incoming_->release();
  if (body_room_) {
    body_room_->shrink_to(body.size());
  }
  request_.body = {std::move(body), std::move(body_room_)};
  do_handle();
}

void session::read_more_body() {
  expect_body();
  do_read_more(body_read_bytes, &session::take_body);
}

void session::take_body() {
  const auto bytes = buffer_.data();
  buffer_.consume(incoming_->take({static_cast<const char*>(bytes.data()), bytes.size()}));
  switch (incoming_->now()) {
    case body_reader::state::incomplete:
      if (spool_ || (may_spool() && incoming_->held_bytes() > body_memory_bytes)) {
        do_spool();
      } else {
        read_more_body();
      }
      return;
    case body_reader::state::complete:
      if (spool_) {
        do_spool();
      } else {
        on_body_in_memory();
      }
      return;
    case body_reader::state::too_large:
      reject(body_too_large(body_limit_));
      return;
    case body_reader::state::malformed:
      reject(
          400, "Bad Request",
          "the chunks are not valid, or have extensions or trailer fields, which are not taken"
      );
      return;
  }
}

}  // namespace stayler::http
