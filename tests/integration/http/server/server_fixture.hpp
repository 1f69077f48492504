// SPDX-License-Identifier: MIT
#pragma once

// A server on a real socket, handlers for it, and requests as they go over the wire.

#include "http/server/server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_http.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::test {

using http::request;
using http::responder_ptr;
using http::response;
using http::server;
using http::server_options;

inline response text_answer(std::string body) {
  response answer;
  answer.headers = {{"Content-Type", "text/plain"}};
  answer.body = std::move(body);
  return answer;
}

/// Answers with what arrived: method, path, body.
inline void echo(request req, responder_ptr to) {
  to->send(text_answer(req.method + " " + req.path + " " + req.body));
}

/// Short enough for a test, long enough for a busy machine.
inline server_options short_timeouts() {
  server_options options;
  options.read_timeout = milliseconds{300};
  options.idle_timeout = milliseconds{5'000};
  options.write_timeout = milliseconds{5'000};
  return options;
}

inline std::unique_ptr<server> serve(http::handler handle, server_options options = {}) {
  auto started = server::start(std::move(options), std::move(handle));
  REQUIRE(started);
  return std::move(started).value();
}

inline std::string get(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: t\r\n" + std::string{headers} + "\r\n";
}

inline std::string post(std::string_view body, std::string_view headers = "") {
  return "POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"
         + std::string{headers} + "\r\n" + std::string{body};
}

inline raw_answer ask(const server& to, std::string_view bytes) {
  raw_connection client{to.port()};
  client.send(bytes);
  return client.read_answer();
}

/// Keeps responders until the test lets go of them.
class responder_shelf {
 public:
  void put(responder_ptr to) {
    const std::lock_guard lock{mutex_};
    kept_.push_back(std::move(to));
    changed_.notify_all();
  }

  responder_ptr take() {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds{10}, [this] { return !kept_.empty(); }));
    auto taken = std::move(kept_.front());
    kept_.erase(kept_.begin());
    return taken;
  }

  http::handler handle() {
    return [this](const request&, responder_ptr to) { put(std::move(to)); };
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<responder_ptr> kept_;
};

}  // namespace stayler::test
