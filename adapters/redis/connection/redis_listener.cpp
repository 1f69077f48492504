// SPDX-License-Identifier: MIT
#include "adapters/redis/connection/redis_listener.hpp"

#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr milliseconds pause_between_connections{500};

/// How long the server may say nothing before it is asked whether it is still there.
constexpr milliseconds silence{15'000};

}  // namespace

redis_listener::redis_listener(
    redis_options server, std::string channel, std::function<void(std::string_view)> heard
)
    : locator_(std::move(server)),
      channel_(std::move(channel)),
      heard_(std::move(heard)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

redis_listener::~redis_listener() {
  thread_.request_stop();
  wait_.interrupt();
  thread_.join();
}

void redis_listener::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (auto connection = locator_.connect()) {
      listen(*connection, stop);
    }
    static_cast<void>(wait_.for_input(-1, pause_between_connections));
  }
}

void redis_listener::listen(redis_connection& connection, const std::stop_token& stop) {
  connection.append({"SUBSCRIBE", channel_});
  while (receive_messages(connection)) {
    const bool has_input = wait_.for_input(connection.descriptor(), silence);
    if (stop.stop_requested()) {
      return;
    }
    if (!has_input) {
      // A subscriber's PING is answered like a message; hiredis sends with the next receive.
      connection.append({"PING"});
    }
  }
}

/// False where the connection broke, or the server refuses what it was asked.
bool redis_listener::receive_messages(redis_connection& connection) {
  auto received = connection.receive();
  if (!received) {
    return false;
  }
  for (std::optional reply{std::move(*received)}; reply; reply = connection.buffered_reply()) {
    if (reply->value().is_error()) {
      return false;  // nothing was subscribed to: a new connection tries again
    }
    if (reply->value()[0].text() == "message") {
      heard_(reply->value()[2].text());
    }
  }
  return true;
}

}  // namespace stayler::adapters
