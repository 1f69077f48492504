// SPDX-License-Identifier: MIT

// What clients cannot do to the server: sizes, times, numbers.

#include "tests/integration/http/server/server_fixture.hpp"

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

TEST_CASE("a head that is too long gets a 431", "[http_limits]") {
  server_options options;
  options.max_header_bytes = 1024;
  const auto running = serve(echo, options);
  CHECK(ask(*running, get("/", "X: " + std::string(2000, 'a') + "\r\n")).status == 431);
  CHECK(ask(*running, "GET /" + std::string(100'000, 'a')).status == 431);
  CHECK(ask(*running, get("/", "X: " + std::string(500, 'a') + "\r\n")).status == 200);
}

TEST_CASE("a body that is announced too long is refused unread", "[http_limits]") {
  server_options options;
  options.max_body_bytes = 1000;
  const auto running = serve(echo, options);
  client_connection client{running->port()};
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 50000000\r\n\r\n");
  const auto answer = client.read_answer();
  CHECK(answer.status == 413);
  CHECK(answer.body.find("1000 bytes") != std::string::npos);
}

TEST_CASE("a client that sends its whole body first still sees the 413", "[http_limits]") {
  server_options options;
  options.max_body_bytes = 1000;
  const auto running = serve(echo, options);
  client_connection client{running->port()};
  REQUIRE(client.send(post(std::string(20'000'000, 'x'))));
  CHECK(client.read_answer().status == 413);
}

TEST_CASE("a chunked body is refused when it passes the limit", "[http_limits]") {
  server_options options;
  options.max_body_bytes = 1000;
  const auto running = serve(echo, options);
  const std::string head = "POST /p HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "190\r\n" + std::string(400, 'x') + "\r\n";
  CHECK(ask(*running, head + chunk + chunk + chunk + "0\r\n\r\n").status == 413);
  CHECK(ask(*running, head + "fffffff0\r\n").status == 413);
  const auto fits = ask(*running, head + chunk + chunk + "0\r\n\r\n");
  CHECK(fits.status == 200);
  CHECK(fits.body.size() == 8 + 800);
}

TEST_CASE("the limit of a body can depend on the request's head", "[http_limits]") {
  server_options options;
  options.max_body_bytes = 10;
  options.body_limit = [](std::string_view method, std::string_view path) {
    return method == "POST" && path == "/large" ? std::size_t{100'000} : std::size_t{10};
  };
  const auto running = serve(echo, options);
  const std::string body(50'000, 'x');
  const std::string rest =
      " HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  CHECK(ask(*running, "POST /large" + rest).status == 200);
  CHECK(ask(*running, "POST /small" + rest).status == 413);
  CHECK(ask(*running, "PUT /large" + rest).status == 413);
  CHECK(ask(*running, "POST /la%72ge" + rest).status == 200);
}

TEST_CASE("a request that trickles is cut off with a 408", "[http_limits]") {
  const auto running = serve(echo, short_timeouts());
  SECTION("in its head") {
    client_connection client{running->port()};
    // Each byte comes well within the timeout; all of them together do not.
    std::thread trickle{[&] {
      while (client.send("G")) {
        std::this_thread::sleep_for(20ms);
      }
    }};
    const auto answer = client.read_answer();
    CHECK(answer.status == 408);
    client.end_sending();
    trickle.join();
  }
  SECTION("in its body") {
    client_connection client{running->port()};
    client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc");
    CHECK(client.read_answer().status == 408);
    client.end_sending();
    CHECK(client.read_to_end().empty());
  }
}

TEST_CASE("a body may take its time as long as it keeps coming", "[http_limits]") {
  server_options options;
  options.read_timeout = 1s;
  options.min_body_rate = 10;
  const auto running = serve(echo, options);
  client_connection client{running->port()};
  client.send("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 800\r\n\r\n");
  for (int i = 0; i < 8; ++i) {
    client.send(std::string(100, 'x'));
    std::this_thread::sleep_for(200ms);
  }
  CHECK(client.read_answer().body.size() == 808);
}

TEST_CASE("a body that is too slow gets a 408", "[http_limits]") {
  auto options = short_timeouts();
  options.min_body_rate = 10'000;
  const auto running = serve(echo, options);
  client_connection client{running->port()};
  client.send("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n");
  std::thread trickle{[&] {
    while (client.send("xxxxx")) {
      std::this_thread::sleep_for(20ms);
    }
  }};
  CHECK(client.read_answer().status == 408);
  client.end_sending();
  trickle.join();
}

TEST_CASE("a connection that says nothing is closed without a word", "[http_limits]") {
  auto options = short_timeouts();
  options.idle_timeout = 300ms;
  const auto running = serve(echo, options);
  client_connection silent{running->port()};
  client_connection used{running->port()};
  used.send(get("/"));
  CHECK(used.read_answer().status == 200);
  CHECK(silent.read_to_end().empty());
  CHECK(used.read_to_end().empty());
}

TEST_CASE("a client that does not read its answer is given up", "[http_limits]") {
  auto options = short_timeouts();
  options.write_timeout = 300ms;
  std::promise<void> given_up;
  shared_bytes bytes{
      new std::vector<std::byte>(64'000'000), [&](const std::vector<std::byte>* content) {
        delete content;
        given_up.set_value();
      }};
  responder_shelf shelf;
  const auto running = serve(shelf.handle(), options);
  client_connection client{running->port()};
  client.send(get("/"));
  response answer;
  answer.byte_count = bytes->size();
  answer.bytes = std::move(bytes);
  shelf.take()->send(std::move(answer));
  CHECK(given_up.get_future().wait_for(10s) == std::future_status::ready);
  CHECK_THROWS(client.read_exactly(64'000'000));
}

TEST_CASE("a long answer that is read slowly arrives whole", "[http_limits]") {
  constexpr std::size_t mebibyte = 1'048'576;
  constexpr std::size_t size = 24 * mebibyte;
  server_options options;
  options.write_timeout = 1s;
  const auto handle = [](const request&, const responder_ptr& to) {
    to->send(text_answer(std::string(size, 'x')));
  };
  const auto running = serve(handle, options);
  client_connection client{running->port()};
  client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n");
  CHECK(client.read_answer(true).headers.at("content-length") == std::to_string(size));
  client.send(get("/"));
  // Three times as long as a piece may take.
  std::size_t bytes = 0;
  for (int i = 0; i < 24; ++i) {
    bytes += client.read_exactly(mebibyte).size();
    std::this_thread::sleep_for(125ms);
  }
  CHECK(bytes == size);
}

TEST_CASE("a hundred connections are served at the same time", "[http_limits]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle());
  std::vector<std::unique_ptr<client_connection>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<client_connection>(running->port()));
    clients.back()->send(get("/"));
  }
  std::vector<responder_ptr> waiting;
  for (int i = 0; i < 100; ++i) {
    waiting.push_back(shelf.take());
  }
  for (const auto& to : waiting) {
    to->send(text_answer("hello"));
  }
  for (const auto& client : clients) {
    CHECK(client->read_answer().body == "hello");
  }
}

TEST_CASE("a request with more than a hundred header fields gets a 431", "[http_limits]") {
  const auto running = serve(echo);
  std::string fields;
  for (int i = 0; i < 99; ++i) {
    fields += "a:b\r\n";
  }
  CHECK(ask(*running, get("/", fields)).status == 200);
  CHECK(ask(*running, get("/", fields + "a:b\r\n")).status == 431);
  // Long before the head ends.
  CHECK(ask(*running, "GET / HTTP/1.1\r\nHost: t\r\n" + fields + "a:b\r\na:b\r\n").status == 431);
}
