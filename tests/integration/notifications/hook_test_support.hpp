// SPDX-License-Identifier: MIT
#pragma once

// One delivery to a receiver that gives one answer, and what the receiver got.

#include "adapters/checksum/checksum.hpp"
#include "adapters/http_client/curl_http_client.hpp"
#include "adapters/notification_channel/secrets/web_hook_secrets.hpp"
#include "adapters/notification_channel/web_hook_channel.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tcp_server.hpp"

#include <future>
#include <string>
#include <utility>

namespace stayler::adapters {

inline notification hook_event() {
  notification event;
  event.event_id = "msg_1";
  event.event = "conversion.completed";
  event.at = *parse_rfc3339("2026-11-24T09:30:00.125Z");
  event.job = *parse_job_id("01936d4e-0000-7000-8000-000000000001");
  event.conversion_id = "c-1";
  event.user_id = "u \"1\"";
  return event;
}

/// What a receiver computes from the headers and the body.
inline std::string expected_signature(
    const std::string& key, const std::string& id, const std::string& time, const std::string& body
) {
  return "v1," + base64_encode(hmac_sha256(key, id + '.' + time + '.' + body));
}

inline std::string header_in(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) {
    return {};
  }
  const auto start = at + name.size() + 4;
  return request.substr(start, request.find("\r\n", start) - start);
}

inline std::string body_in(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

inline std::string empty_answer(int status, const std::string& header = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\n" + header
         + "Content-Length: 0\r\n\r\n";
}

inline delivery_result deliver_by(notification_channel& channel, const notification& event) {
  std::promise<delivery_result> promise;
  channel.deliver(event, [&](delivery_result what) { promise.set_value(std::move(what)); });
  return promise.get_future().get();
}

/// The request that arrived, and the result.
struct hook_delivery {
  std::string request;
  delivery_result outcome;
  std::size_t connections = 0;
};

inline hook_delivery deliver_to_hook(const std::string& secrets, const std::string& answer) {
  hook_delivery made;
  test::tcp_server server{[&](test::tcp_connection& connection) {
    made.request = connection.read_request();
    connection.write(answer);
    connection.await_close();
  }};
  const auto client = make_curl_http_client();
  const auto channel = make_web_hook_channel(
      *client, {server.url("/hook"), parse_web_hook_secrets(secrets).value(), milliseconds{5'000}}
  );
  made.outcome = deliver_by(*channel, hook_event());
  made.connections = server.connections();
  return made;
}

}  // namespace stayler::adapters
