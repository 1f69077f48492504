// SPDX-License-Identifier: MIT

// What a request carries, and what its answer brings, over real sockets.

#include "adapters/http_client/curl_http_client.hpp"
#include "tests/integration/http/http_client_fixture.hpp"

#include <cstdlib>
#include <string>
#include <utility>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

TEST_CASE("a request arrives as it was made, and the answer comes back with its headers") {
  std::string received;
  tcp_server server{[&](tcp_connection& connection) {
    received = connection.read_request();
    connection.write(
        "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
        "HTTP/1.1 418 Teapot\r\nX-Kind:  Tea \r\nx-kind: second\r\nContent-Length: 3\r\n\r\nhot"
    );
  }};
  const auto client = make_curl_http_client();
  auto request = post_request(server, "the body");
  request.headers = {{"X-Empty", ""}, {"Content-Type", "text/x"}};
  const auto response = response_of(send(*client, std::move(request)));
  CHECK(response.status == 418);
  CHECK(response.body == "hot");
  CHECK(response.header("x-kind") == "Tea");
  CHECK(response.header("x-early").empty());
  CHECK(response.header("missing").empty());
  CHECK(received.starts_with("POST /path?q=1 HTTP/1.1\r\n"));
  CHECK(received.find("\r\nX-Empty:\r\n") != std::string::npos);
  CHECK(received.find("\r\nContent-Type: text/x\r\n") != std::string::npos);
  CHECK(received.find("Expect") == std::string::npos);
  CHECK(received.ends_with("\r\n\r\nthe body"));
}

TEST_CASE("methods other than POST carry their body or none") {
  tcp_server server{echo_all};
  const auto client = make_curl_http_client();
  for (const std::string method : {"PUT", "PATCH", "DELETE"}) {
    auto request = post_request(server, "content");
    request.method = method;
    const auto body = response_of(send(*client, std::move(request))).body;
    CHECK(body.starts_with(method + " /path"));
    CHECK(body.find("Content-Type") == std::string::npos);
    CHECK(body.ends_with("\r\n\r\ncontent"));
  }
  auto request = get_request(server);
  request.method = "DELETE";
  CHECK(response_of(send(*client, request)).body.starts_with("DELETE /path"));
}

TEST_CASE("an answer to HEAD has headers and no body") {
  tcp_server server{[](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\nETag: x\r\n\r\n");
    connection.await_close();
  }};
  const auto client = make_curl_http_client();
  auto request = get_request(server);
  request.method = "HEAD";
  const auto response = response_of(send(*client, std::move(request)));
  CHECK(response.header("etag") == "x");
  CHECK(response.body.empty());
}

TEST_CASE("requests one after the other share a connection") {
  tcp_server server{echo_all};
  const auto client = make_curl_http_client();
  for (int i = 0; i < 20; ++i) {
    CHECK(response_of(send(*client, post_request(server, "again"))).status == 200);
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a redirect is an answer like any other") {
  tcp_server server{[](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n");
    connection.await_close();
  }};
  const auto client = make_curl_http_client();
  const auto response = response_of(send(*client, get_request(server)));
  CHECK(response.status == 302);
  CHECK(response.header("location") == "/else");
}

TEST_CASE("a proxy in the environment is ignored") {
  tcp_server server{echo_all};
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto client = make_curl_http_client();
  CHECK(response_of(send(*client, get_request(server))).status == 200);
  ::unsetenv("http_proxy");
}
