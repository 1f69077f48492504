// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace stayler::adapters {

/// A request body that is produced while it is sent, so that a large one never has to exist in
/// one piece. Used by one thread at a time.
class body_source {
 public:
  virtual ~body_source() = default;

  /// The exact number of bytes that read() will give in all.
  [[nodiscard]] virtual std::uint64_t size() const = 0;

  /// Fills the buffer from the current position; returns the bytes written, 0 at the end.
  virtual std::size_t read(std::span<char> buffer) = 0;

  /// Starts over: the request is sent again.
  virtual void rewind() = 0;
};

struct http_request {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<body_source> body;  ///< null: no body; let go once all of it has been taken
  /// Runs on the client's thread, at most once, when all of the body has been taken: from then on
  /// the client does not send the request again. It must not block.
  std::function<void()> on_body_taken{};
  milliseconds timeout{30'000};  ///< for everything, from connecting to the last byte
  milliseconds connect_timeout{10'000};
  std::uint64_t max_response_bytes = 1
                                     << 20;  ///< a longer answer ends the request with server_error
};

struct http_response {
  std::uint32_t status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;

  /// The first header of that lower-case name, empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// Identifies a request that is under way.
enum class http_ticket : std::uint64_t {};

/// Why there was no HTTP answer. The failure's class is timeout, connection (nothing usable came
/// back), server_error (the answer was too long or broken), permission (no address of the host may
/// be connected to), cancelled or internal_bug (bad request).
struct http_error {
  failure error;
  bool was_sent =
      false;  ///< some of the request had left before it failed: it may have taken effect
  bool was_too_long = false;  ///< the answer was longer than the request allows
};

/// Sends HTTP requests, thousands at a time, on one thread of its own. All members are safe to call
/// from any thread and never block. Redirects are not followed. Destruction cancels what is under
/// way and waits for the completions.
class http_client {
 public:
  using completion = std::function<void(std::variant<http_response, http_error>)>;

  virtual ~http_client() = default;

  /// Starts a request. `done` runs exactly once, on the client's thread; it must not block.
  virtual http_ticket send(http_request request, completion done) = 0;

  /// Ends that request with `cancelled`; does nothing where it has ended already.
  virtual void cancel(http_ticket ticket) = 0;
};

/// A body that is a string in memory.
std::shared_ptr<body_source> make_string_body(std::string text);

}  // namespace stayler::adapters
