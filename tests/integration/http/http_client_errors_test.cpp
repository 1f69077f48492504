// SPDX-License-Identifier: MIT

// Servers that misbehave on purpose: of which class the error is, and whether the request had left.

#include "adapters/http_client/curl_http_client.hpp"
#include "tests/integration/http/http_client_fixture.hpp"

#include <chrono>
#include <string>
#include <utility>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;
using namespace std::chrono_literals;

TEST_CASE("a server that does not answer in time is a timeout, and the request had left") {
  tcp_server server{[](tcp_connection& connection) { connection.await_close(); }};
  const auto client = make_curl_http_client();
  auto request = post_request(server, "slow");
  request.timeout = 100ms;
  const auto start = std::chrono::steady_clock::now();
  const auto error = error_of(send(*client, std::move(request)));
  CHECK(error.error.kind == error_class::timeout);
  CHECK(error.was_sent);
  CHECK(std::chrono::steady_clock::now() - start >= 100ms);
}

TEST_CASE("an answer that stops half-way is a timeout too") {
  tcp_server server{[](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    connection.await_close();
  }};
  const auto client = make_curl_http_client();
  auto request = get_request(server);
  request.timeout = 100ms;
  CHECK(error_of(send(*client, request)).error.kind == error_class::timeout);
}

TEST_CASE("a closed port is a connection error, and nothing had left") {
  std::string url;
  {
    const tcp_server server{echo_all};
    url = server.url();
  }
  const auto client = make_curl_http_client();
  http_request request;
  request.url = url;
  const auto error = error_of(send(*client, std::move(request)));
  CHECK(error.error.kind == error_class::connection);
  CHECK_FALSE(error.was_sent);
  CHECK_FALSE(error.error.message.empty());
}

TEST_CASE("a connection that closes or breaks without an answer is a connection error") {
  const bool is_reset = GENERATE(false, true);
  tcp_server server{[is_reset](tcp_connection& connection) {
    connection.read_request();
    if (is_reset) {
      connection.reset_on_close();
    }
  }};
  const auto client = make_curl_http_client();
  const auto error = error_of(send(*client, post_request(server, "x")));
  CHECK(error.error.kind == error_class::connection);
  CHECK(error.was_sent);
}

TEST_CASE("an answer that is cut short or no HTTP is the server's error") {
  const std::string answer = GENERATE(
      std::string{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"},
      std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
      std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nXYZ\r\n"},
      std::string{"+OK this is another protocol\r\n\r\n"}
  );
  INFO(answer);
  tcp_server server{[&](tcp_connection& connection) {
    connection.read_request();
    connection.write(answer);
  }};
  const auto client = make_curl_http_client();
  const auto error = error_of(send(*client, get_request(server)));
  CHECK(to_string(error.error.kind) == to_string(error_class::server_error));
  CHECK(error.was_sent);
}

TEST_CASE("an answer that is reset half-way can be tried again") {
  tcp_server server{[](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    connection.reset_on_close();
  }};
  const auto client = make_curl_http_client();
  const auto error = error_of(send(*client, get_request(server)));
  // A reset may overtake the bytes that were sent before it.
  CHECK(
      (error.error.kind == error_class::server_error || error.error.kind == error_class::connection)
  );
}

TEST_CASE("an answer of the allowed length passes, one byte more is the server's error") {
  const bool is_chunked = GENERATE(false, true);
  tcp_server server{[is_chunked](tcp_connection& connection) {
    while (!connection.read_request().empty()) {
      const std::string body(1000, 'x');
      if (is_chunked) {
        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        connection.write("3e8\r\n" + body + "\r\n0\r\n\r\n");
      } else {
        connection.answer(body);
      }
    }
  }};
  const auto client = make_curl_http_client();
  auto request = get_request(server);
  request.max_response_bytes = 1000;
  CHECK(response_of(send(*client, request)).body.size() == 1000);
  request.max_response_bytes = 999;
  const auto error = error_of(send(*client, request));
  CHECK(error.error.kind == error_class::server_error);
  CHECK(error.error.message.find("longer") != std::string::npos);
}

TEST_CASE("endless headers are the server's error") {
  tcp_server server{[](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 2'000; ++i) {
      connection.write("X-Header: " + std::string(100, 'x') + "\r\n");
    }
    connection.await_close();
  }};
  const auto client = make_curl_http_client();
  CHECK(error_of(send(*client, get_request(server))).error.kind == error_class::server_error);
}

TEST_CASE("a request that cannot be HTTP is a bug of the caller, and reaches nobody") {
  tcp_server server{echo_all};
  const auto client = make_curl_http_client();
  const auto check = [&](auto spoil) {
    auto request = get_request(server);
    spoil(request);
    const auto error = error_of(send(*client, std::move(request)));
    CHECK(to_string(error.error.kind) == to_string(error_class::internal_bug));
    CHECK_FALSE(error.was_sent);
  };
  check([](http_request& r) { r.url = "no url at all"; });
  check([](http_request& r) { r.url = "file:///etc/passwd"; });
  check([](http_request& r) { r.url += "\r\nX-Other: 1"; });
  check([](http_request& r) { r.method = "GET / HTTP/1.1\r\nX-Other: 1\r\n"; });
  check([](http_request& r) { r.method.clear(); });
  check([](http_request& r) { r.headers = {{"x", "1\r\nX-Other: 2"}}; });
  check([](http_request& r) { r.headers = {{"", "1"}}; });
  CHECK(server.connections() == 0);
}
