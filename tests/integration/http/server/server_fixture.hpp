// SPDX-License-Identifier: MIT
#pragma once

// A server on a real socket, handlers for it, and requests as they go over the wire: plain, or with
// STAYLER_TEST_TLS in the environment over TLS, for what holds for the one holds for the other.

#include "http/server/server.hpp"
#include "http/server/tls/server_tls.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/raw_http.hpp"
#include "tests/support/tls_connection.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
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
  to->send(text_answer(req.method + " " + req.path + " " + std::string{req.body.view()}));
}

/// Short enough for a test, long enough for a busy machine.
inline server_options short_timeouts() {
  server_options options;
  options.read_timeout = milliseconds{300};
  options.idle_timeout = milliseconds{5'000};
  options.write_timeout = milliseconds{5'000};
  return options;
}

/// A folder with certificates named localhost and other, the same until the process ends.
inline const std::filesystem::path& certificates() {
  static const temporary_folder folder;
  static const bool is_made = [] {
    make_certificates(folder.path(), {"localhost", "other"});
    return true;
  }();
  static_cast<void>(is_made);
  return folder.path();
}

inline adapters::key_pair_files pair_named(const std::string& name) {
  const auto file = (certificates() / name).string();
  return {"WORKER_TLS_CERTIFICATE", file + ".pem", "WORKER_TLS_KEY", file + ".key"};
}

inline std::shared_ptr<http::server_tls> tls_of(const adapters::key_pair_files& files) {
  auto opened = http::server_tls::open(files);
  REQUIRE(opened);
  return *std::move(opened);
}

inline bool is_over_tls() {
  return std::getenv("STAYLER_TEST_TLS") != nullptr;
}

/// A client of a server that serve() has started.
class client_connection : public raw_connection {
 public:
  explicit client_connection(std::uint16_t port, const char* from = "127.0.0.1")
      : raw_connection(port, from) {
    if (is_over_tls()) {
      put_on(std::make_unique<tls_layer>(socket()));
    }
  }
};

inline std::unique_ptr<server> serve(http::handler handle, server_options options = {}) {
  if (is_over_tls() && options.tls == nullptr) {
    options.tls = tls_of(pair_named("localhost"));
  }
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
  client_connection client{to.port()};
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
