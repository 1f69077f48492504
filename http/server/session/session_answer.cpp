// SPDX-License-Identifier: MIT

// The half of a session that writes answers.

#include "http/server/answer_head.hpp"
#include "http/server/connections/network.hpp"
#include "http/server/raw_connection.hpp"
#include "http/server/session/session.hpp"
#include "messages/base/uuid.hpp"

#include <boost/asio/write.hpp>

#include <algorithm>

namespace stayler::http {

namespace {

namespace asio = boost::asio;
using std::chrono::seconds;

/// How long a connection may go on sending after its last answer. Closed at once, the system would
/// send a reset for what was not read, and the client might never see the answer.
constexpr seconds linger_time{3};

constexpr std::size_t discard_bytes = 16UL * 1024;

/// Who has sent that much more has had its chance to see the answer: a client in good faith is in
/// the middle of one body.
constexpr std::size_t max_linger_bytes = 64UL * 1024 * 1024;

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
  if (answer.source) {
    return answer.bytes ? asio::buffer(*answer.bytes) : asio::const_buffer{};
  }
  if (!answer.bytes) {
    return asio::buffer(answer.body);
  }
  const auto offset = std::min(answer.byte_offset, answer.bytes->size());
  const auto count = std::min(answer.byte_count, answer.bytes->size() - offset);
  return {answer.bytes->data() + offset, count};
}

}  // namespace

/// What was done is answered, whatever room there is; who only looks can look again.
response session::find_room_for_answer(response answer) {
  const auto bytes = answer.bytes ? answer.bytes->size() : answer.body.size();
  if (!context_.options.memory || answer.room || bytes <= uncounted_bytes) {
    return answer;
  }
  auto& budget = *context_.options.memory->answers;
  const bool only_looks = method_ == "GET" || method_ == "HEAD";
  const std::string caller = network_of(request_.remote_address);
  answer.room = only_looks ? budget.try_take(caller, bytes) : budget.insist(caller, bytes);
  return answer.room ? std::move(answer) : no_room_answer();
}

void session::do_write(response answer) {
  phase_ = phase::writing;
  answer_ = std::move(answer);
  closes_ = closes_ || context_.is_leaving || context_.is_draining || answer_.stream;
  body_ = has_body(answer_.status) ? body_of(answer_) : asio::const_buffer{};
  prepare_head();
  set_deadline(context_.options.write_timeout);
  const bool is_head_only = method_ == "HEAD";
  if (is_head_only) {
    body_ = {};
  }
  if (answer_.hook) {
    do_hand_over();
  } else if (answer_.stream && !is_head_only) {
    do_stream();
  } else if (answer_.source && !is_head_only) {
    next_offset_ = answer_.byte_offset;
    left_bytes_ = answer_.byte_count;
    do_write_part(std::move(answer_.bytes));
  } else {
    do_write_whole();
  }
}

void session::prepare_head() {
  if (request_id_.empty()) {
    request_id_ = to_string(make_uuid_v7(std::chrono::system_clock::now()));
  }
  head_ = render_head(
      answer_, {.server_name = context_.options.server_name,
                .request_id = request_id_,
                .date = current_date(),
                .body_bytes = answer_.source ? answer_.byte_count : body_.size(),
                .standing_headers = standing_headers_,
                .is_streamed = answer_.stream != nullptr,
                .closes = closes_,
                .is_http_1_0 = is_http_1_0_}
  );
}

void session::find_standing_headers(const request& head) {
  const auto& find = context_.options.standing_headers;
  standing_headers_ = find ? find(head) : nullptr;
}

/// In pieces, each with its own time: a client on a slow line gets as much of it as it needs, and
/// one that does not read is given up as soon.
void session::do_write_whole() {
  const auto piece = asio::buffer(body_, part_bytes);
  body_ += piece.size();
  set_deadline(context_.options.write_timeout);
  asio::async_write(
      connection_, std::array<asio::const_buffer, 2>{asio::buffer(head_), piece},
      guard([](session& self, error_code ec, std::size_t) { self.on_piece_written(ec); })
  );
}

void session::on_piece_written(error_code ec) {
  if (phase_ == phase::closed || ec || body_.size() == 0) {
    on_written(ec);
  } else {
    head_.clear();
    do_write_whole();
  }
}

/// The hook takes its time: only the end of the server takes the connection from it.
void session::do_hand_over() {
  deadline_ = clock::time_point::max();
  const std::string_view body{static_cast<const char*>(body_.data()), body_.size()};
  const auto hook = std::move(answer_.hook);
  hook({connection_.socket(), head_, body, guard([](session& self, error_code ec) {
          self.on_written(ec);
        })});
}

void session::on_written(error_code ec) {
  if (phase_ == phase::closed) {
    return;
  }
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
  phase_ = phase::lingering;
  set_deadline(linger_time);
  discarded_bytes_ = 0;
  connection_.async_end(guard([](session& self, error_code ec) {
    if (ec) {
      self.close();
    } else if (self.phase_ != phase::closed) {
      self.do_discard();
    }
  }));
}

void session::do_discard() {
  buffer_.clear();
  connection_.socket().async_read_some(
      buffer_.prepare(discard_bytes), guard([](session& self, error_code ec, std::size_t count) {
        self.discarded_bytes_ += count;
        if (ec || self.discarded_bytes_ > max_linger_bytes) {
          self.close();
        } else if (self.phase_ != phase::closed) {
          self.do_discard();
        }
      })
  );
}

}  // namespace stayler::http
