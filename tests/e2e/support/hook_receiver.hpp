// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/tcp_server.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace stayler::test {

/// A web hook's receiver that gives one answer after the other, each a status and perhaps header
/// lines, and 200 when it has none left; or holds what comes.
class scripted_receiver {
 public:
  /// "404", "429 Retry-After: 1", or "hold": no answer to that one.
  explicit scripted_receiver(std::vector<std::string> answers = {})
      : answers_(answers.begin(), answers.end()) {}

  [[nodiscard]] std::string url(const std::string& path = "/hook") const {
    return server_.url(path);
  }
  [[nodiscard]] std::string host_and_port() const {
    return "127.0.0.1:" + std::to_string(server_.port());
  }

  /// Takes requests, and does not answer them.
  void hold() {
    const std::scoped_lock lock{mutex_};
    is_holding_ = true;
  }

  /// All requests so far, head and body.
  [[nodiscard]] std::vector<std::string> requests() const {
    const std::scoped_lock lock{mutex_};
    return requests_;
  }
  [[nodiscard]] std::size_t count() const { return requests().size(); }

 private:
  void serve(tcp_connection& connection) {
    for (std::string request = connection.read_request(); !request.empty();
         request = connection.read_request()) {
      const std::string answer = next_answer(std::move(request));
      if (answer.empty()) {
        connection.await_close();
        return;
      }
      connection.write(answer);
    }
  }

  std::string next_answer(std::string request) {
    const std::scoped_lock lock{mutex_};
    requests_.push_back(std::move(request));
    if (is_holding_) {
      return {};
    }
    std::string answer = "200";
    if (!answers_.empty()) {
      answer = answers_.front();
      answers_.pop_front();
    }
    if (answer == "hold") {
      return {};
    }
    const std::string more = answer.size() > 4 ? answer.substr(4) + "\r\n" : "";
    return "HTTP/1.1 " + answer.substr(0, 3) + " Status\r\n" + more + "Content-Length: 0\r\n\r\n";
  }

  mutable std::mutex mutex_;
  std::deque<std::string> answers_;
  std::vector<std::string> requests_;
  bool is_holding_ = false;
  tcp_server server_{[this](tcp_connection& connection) { serve(connection); }};
};

}  // namespace stayler::test
