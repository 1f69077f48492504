// SPDX-License-Identifier: MIT
#pragma once

// Requests to a server that a test spells out, and what becomes of them.

#include "adapters/http_client/http_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tcp_server.hpp"

#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

namespace stayler::test {

using outcome = std::variant<adapters::http_response, adapters::http_error>;

inline std::future<outcome> send(
    adapters::http_client& client,
    adapters::http_request request,
    adapters::http_ticket* ticket = nullptr
) {
  auto promise = std::make_shared<std::promise<outcome>>();
  const auto sent = client.send(std::move(request), [promise](outcome what) {
    promise->set_value(std::move(what));
  });
  if (ticket != nullptr) {
    *ticket = sent;
  }
  return promise->get_future();
}

inline adapters::http_request get_request(const tcp_server& server) {
  adapters::http_request request;
  request.url = server.url("/path?q=1");
  request.timeout = std::chrono::seconds{20};
  return request;
}

inline adapters::http_request post_request(const tcp_server& server, std::string body) {
  auto request = get_request(server);
  request.method = "POST";
  request.body = adapters::make_string_body(std::move(body));
  return request;
}

inline adapters::http_response response_of(std::future<outcome> future) {
  auto what = future.get();
  if (const auto* error = std::get_if<adapters::http_error>(&what)) {
    FAIL("no answer: " << to_string(error->error.kind) << ", " << error->error.message);
  }
  return std::get<adapters::http_response>(std::move(what));
}

inline adapters::http_error error_of(std::future<outcome> future) {
  auto what = future.get();
  REQUIRE(std::holds_alternative<adapters::http_error>(what));
  return std::get<adapters::http_error>(std::move(what));
}

/// What a test waits for, set by the server's threads.
class event {
 public:
  void set() {
    const std::scoped_lock lock{mutex_};
    is_set_ = true;
    changed_.notify_all();
  }

  void wait() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return is_set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
};

inline void echo_all(tcp_connection& connection) {
  for (auto request = connection.read_request(); !request.empty();
       request = connection.read_request()) {
    connection.answer(request);
  }
}

}  // namespace stayler::test
