// SPDX-License-Identifier: MIT

// The part of a session that keeps a large body in a file until it is whole, and then waits until
// there is memory for it.

#include "adapters/log/log.hpp"
#include "http/server/connections/network.hpp"
#include "http/server/session/session.hpp"

#include <algorithm>

namespace stayler::http {

namespace {

using adapters::logs::http::log;

}  // namespace

void session::drop_body() {
  incoming_.reset();
  body_room_.reset();
  place_in_line_.reset();
  if (spool_) {
    // The end of a large file takes its time, too.
    boost::asio::post(*context_.files, [file = std::move(spool_)] {});
  }
}

bool session::find_room_for_body(const body_framing& framing) {
  const auto& options = context_.options;
  const std::size_t length =
      framing.how == body_framing::kind::chunked ? body_limit_ : framing.length;
  const bool is_large = may_spool() && length > body_memory_bytes;
  if (is_large && framing.how != body_framing::kind::chunked) {
    spool_ = std::make_shared<spool_file>(options.spool);
  }
  if (!options.memory || length <= uncounted_bytes) {
    return true;
  }
  // What is read, and what is kept of it: for a file the piece that is being written.
  const std::size_t kept = spool_     ? body_read_bytes
                           : is_large ? body_memory_bytes + body_read_bytes
                                      : length;
  body_room_ = options.memory->arriving->try_take(
      network_of(request_.remote_address), kept + body_read_bytes
  );
  return body_room_ != nullptr;
}

void session::do_spool() {
  if (!spool_) {
    spool_ = std::make_shared<spool_file>(context_.options.spool);
  }
  run_off_thread(
      [file = spool_, piece = incoming_->release()] { return file->append(piece); },
      [](session& self, const void_result& outcome) {
        if (self.phase_ == phase::reading) {
          self.on_spooled(outcome);
        }
      }
  );
}

void session::on_spooled(const void_result& outcome) {
  if (!outcome) {
    refuse_for_disk(outcome.error());
  } else if (incoming_->now() == body_reader::state::complete) {
    do_queue();
  } else {
    read_more_body();
  }
}

void session::do_queue() {
  phase_ = phase::queued;
  set_deadline(context_.options.room_patience);
  const auto bytes = incoming_->body_bytes();
  incoming_.reset();
  body_room_.reset();
  if (!context_.options.memory) {
    do_load(nullptr);
    return;
  }
  place_in_line_ = context_.options.memory->bodies->wait_for(
      network_of(request_.remote_address), bytes,
      [answers = context_.answers, self = weak_from_this(),
       n = request_number_](byte_room_ptr room) {
        answers->put({self, n, std::move(room)});
      }
  );
}

void session::take(std::uint64_t request_number, byte_room_ptr room) {
  if (phase_ == phase::queued && request_number == request_number_) {
    attempt([&] { do_load(std::move(room)); });
  }
}

void session::do_load(byte_room_ptr room) {
  place_in_line_.reset();
  phase_ = phase::reading;
  set_deadline(context_.options.read_timeout);
  run_off_thread(
      [file = std::move(spool_)] { return file->read(); },
      [room = std::move(room)](session& self, result<std::vector<std::byte>>& bytes) {
        if (self.phase_ == phase::reading) {
          self.on_loaded(bytes, room);
        }
      }
  );
}

void session::on_loaded(result<std::vector<std::byte>>& bytes, const byte_room_ptr& room) {
  if (bytes) {
    request_.body = {*std::move(bytes), room};
    do_handle();
  } else {
    refuse_for_disk(bytes.error());
  }
}

/// The body was read to its end: the connection may go on.
void session::refuse_for_room() {
  context_.options.memory->bodies->count_refusal();
  ++request_number_;  // what is granted from now on is not meant for the next request
  drop_body();
  do_write(no_room_answer());
}

void session::refuse_for_disk(const failure& why) {
  log.warning(
      "a request's body cannot be kept",
      {{"reason", why.message}, {"requestId", request_id_}, {"who", request_.remote_address}}
  );
  if (why.kind == error_class::store_full) {
    reject(make_problem(
        507, "Insufficient Storage",
        failure{why.kind, "the disk has no room for a body of that size"}
    ));
    return;
  }
  auto refusal = make_problem(
      503, "Service Unavailable", failure{why.kind, "the body cannot be kept for the moment"}
  );
  refusal.headers.emplace_back("Retry-After", "5");
  reject(std::move(refusal));
}

}  // namespace stayler::http
