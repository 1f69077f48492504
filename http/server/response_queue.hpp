// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

namespace stayler::http {

class session;

/// The stream that is being sent may have more.
struct stream_wake {};

/// The next part of the answer that is being sent; null: it cannot be had.
struct next_part {
  shared_bytes bytes;
};

/// An answer, or what else a connection waits for, on its way to it.
struct pending_response {
  std::weak_ptr<session> receiver;
  std::uint64_t request_number = 0;
  std::variant<response, stream_wake, next_part, byte_room_ptr> news;
};

/// Takes answers from any thread to the I/O thread, many at one wake-up. It outlives the server:
/// what comes after close() is dropped.
class response_queue : public std::enable_shared_from_this<response_queue> {
 public:
  explicit response_queue(boost::asio::io_context& io) : io_(&io) {}

  /// From any thread.
  void put(pending_response item);

  /// Until release() nobody is woken for what is put. Both are for the I/O thread, for the time in
  /// which it handles a request: an answer that is given at once goes out at once.
  void hold();
  void release();

  /// After this the I/O context is not touched any more.
  void close();

 private:
  void deliver();

  std::mutex mutex_;
  boost::asio::io_context* io_;  ///< null once closed
  std::vector<pending_response> items_;
  bool is_held_ = false;
};

/// Makes the responder for one request of a session. Answers 500 when it is dropped.
responder_ptr make_responder(
    std::shared_ptr<response_queue> answers,
    std::weak_ptr<session> receiver,
    std::uint64_t request_number,
    std::string request_id
);

}  // namespace stayler::http
