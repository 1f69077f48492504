// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/raw_http.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace stayler::test {

/// An event as it came over the wire.
struct followed_event {
  std::string id;
  std::string name;
  std::string data;
};

/// A client of text/event-stream. It speaks HTTP/1.0, and so gets the stream without chunks.
class event_follower {
 public:
  /// `url` is that of a service, `path` that of a stream on it.
  event_follower(const std::string& url, const std::string& path, const std::string& last_id = "")
      : connection_(port_of(url)) {
    const std::string resume = last_id.empty() ? "" : "Last-Event-ID: " + last_id + "\r\n";
    connection_.send("GET " + path + " HTTP/1.0\r\nHost: localhost\r\n" + resume + "\r\n");
    answer_ = connection_.read_answer(true);
  }

  /// Status and headers of the answer.
  [[nodiscard]] const raw_answer& answer() const noexcept { return answer_; }

  /// The next event; nothing where the stream has ended, or none comes within that time. What has
  /// no data (heartbeats, ids alone) is passed over, as browsers do, but for the id.
  std::optional<followed_event> next(std::chrono::seconds limit = std::chrono::seconds{60}) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
      try {
        followed_event event = parse(connection_.read_until("\n\n"));
        last_id_ = event.id.empty() ? last_id_ : event.id;
        if (!event.data.empty()) {
          return event;
        }
      } catch (const std::runtime_error& e) {
        has_ended_ = std::string_view{e.what()} == "the connection ended";
        if (has_ended_) {
          return std::nullopt;
        }
      }
    }
    return std::nullopt;
  }

  /// Whether the service has ended the stream.
  [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }

  /// What a browser would send as Last-Event-ID.
  [[nodiscard]] const std::string& last_id() const noexcept { return last_id_; }

 private:
  static std::uint16_t port_of(const std::string& url) {
    return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
  }

  static followed_event parse(std::string_view text) {
    followed_event event;
    while (!text.empty()) {
      const auto line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      const auto colon = line.find(": ");
      const auto field = line.substr(0, colon);
      std::string* into = field == "id"      ? &event.id
                          : field == "event" ? &event.name
                          : field == "data"  ? &event.data
                                             : nullptr;
      if (into != nullptr && colon != std::string_view::npos) {
        *into = line.substr(colon + 2);
      }
    }
    return event;
  }

  raw_connection connection_;
  raw_answer answer_;
  std::string last_id_;
  bool has_ended_ = false;
};

}  // namespace stayler::test
