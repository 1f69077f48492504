// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/memory/byte_budget.hpp"
#include "http/server/memory/request_body.hpp"
#include "messages/base/error.hpp"
#include "messages/base/time.hpp"
#include "messages/images/image.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::http {

/// A request as a handler sees it: parsed, within its limits, and whole.
struct request {
  std::string method;
  std::string path;                                          ///< decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;    ///< decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  request_body body;
  std::string request_id;  ///< the caller's X-Request-Id, or a new one
  std::string remote_address;

  /// The first header of that lower-case name, or nothing.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;

  /// The first query parameter of that name, or nothing.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const noexcept;
};

/// A body that is made while it is sent: the server asks for the next piece when the client has
/// taken the one before, so that a slow client costs no memory. Called on the server's I/O thread,
/// and must not block. The connection ends with the stream, the stream with the connection.
class body_stream {
 public:
  struct piece {
    std::string bytes;  ///< empty: nothing for the moment
    bool is_last = false;
  };

  virtual ~body_stream() = default;

  /// `wake` may be called from any thread, at any time, also when the stream is gone: there may be
  /// something to send. Called once, before next().
  virtual void begin(std::function<void()> wake) = 0;

  virtual piece next() = 0;

  /// What is sent when there was nothing for heartbeat_interval(): it shows both sides that the
  /// other is still there.
  virtual std::string heartbeat() = 0;
  [[nodiscard]] virtual milliseconds heartbeat_interval() const = 0;
};

/// Where a body lies that is read while it is sent, so that a slow client costs one part of it in
/// memory. Called on the server's I/O thread, and must not block.
class part_source {
 public:
  virtual ~part_source() = default;

  /// `done` gets those bytes, once, on any thread; null: they cannot be had, and the connection
  /// ends. Not called again before that.
  virtual void read(
      std::uint64_t offset, std::size_t count, std::function<void(shared_bytes)> done
  ) = 0;
};

/// What is read of a part_source at a time.
inline constexpr std::size_t part_bytes = 256UL * 1024;

/// A connection in the hands of a connection_hook: see http/server/raw_connection.hpp.
struct raw_connection;

/// Writes one answer in the server's place. Called on the server's I/O thread.
using connection_hook = std::function<void(const raw_connection&)>;

/// Headers of an answer: names and values.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// An answer. Content-Length, Date, Server, X-Request-Id and Connection are the server's business.
struct response {
  unsigned status = 200;
  header_list headers;
  std::string body;
  shared_bytes bytes;  ///< where set, the body, sent without a copy (byte_offset, byte_count)
  std::size_t byte_offset = 0;
  std::size_t byte_count = 0;
  std::shared_ptr<body_stream> stream;  ///< where set, the body
  /// Where set, the body is byte_count bytes of it from byte_offset on, and `bytes` are the first
  /// of these.
  std::shared_ptr<part_source> source;
  byte_room_ptr room;  ///< what its bytes have of the server's memory; null: the server sees to it
  connection_hook hook;  ///< where set, writes the answer
  std::string cause;     ///< what the caller is not told: for the log, never sent
};

/// Answers one request: call exactly once, from any thread, at any time. Dropped without a call, it
/// answers 500 by itself, so that no connection hangs on a forgotten request.
class responder {
 public:
  virtual ~responder() = default;
  virtual void send(response answer) = 0;
};

using responder_ptr = std::shared_ptr<responder>;

/// What a server calls for each request, on its I/O thread: it must not block.
using handler = std::function<void(request, responder_ptr)>;

/// application/problem+json (RFC 9457), with the former fields `error` and `details`.
response make_problem(unsigned status, std::string_view title, std::string_view detail);

/// The same, listing each bad field.
response make_problem(
    unsigned status,
    std::string_view title,
    std::string_view detail,
    const std::vector<field_problem>& problems
);

/// The same for a failure: its class is the `error`, its message the detail.
response make_problem(unsigned status, std::string_view title, const failure& why);

/// A JSON answer.
response make_json(unsigned status, std::string body);

}  // namespace stayler::http
