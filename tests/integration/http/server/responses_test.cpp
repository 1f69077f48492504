// SPDX-License-Identifier: MIT

// Answers: what is sent, and what becomes of those that come late, twice or never.

#include "adapters/log/log.hpp"
#include "tests/integration/http/server/server_fixture.hpp"
#include "tests/support/captured_stderr.hpp"

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

TEST_CASE("HEAD gets the head of the answer and no body", "[http_responses]") {
  const auto running = serve(echo);
  client_connection client{running->port()};
  client.send("HEAD /x HTTP/1.1\r\nHost: t\r\n\r\n" + get("/y"));
  CHECK(client.read_answer(true).headers.at("content-length") == "8");
  CHECK(client.read_answer().body == "GET /y ");
}

TEST_CASE("statuses without a body have neither body nor length", "[http_responses]") {
  const auto running = serve([](const request& req, const responder_ptr& to) {
    auto answer = text_answer("must not be sent");
    answer.status = req.path == "/304" ? 304 : 204;
    to->send(std::move(answer));
  });
  client_connection client{running->port()};
  client.send(get("/304") + get("/204"));
  CHECK(client.read_answer().status == 304);
  const auto second = client.read_answer();
  CHECK(second.status == 204);
  CHECK(second.headers.count("content-length") == 0);
}

TEST_CASE("a slice of shared bytes is sent as the body", "[http_responses]") {
  auto bytes = std::make_shared<std::vector<std::byte>>(3'000'000, std::byte{'x'});
  bytes->at(1) = std::byte{'<'};
  bytes->at(2'000'000) = std::byte{'>'};
  const auto running = serve([&](const request&, const responder_ptr& to) {
    response answer;
    answer.bytes = bytes;
    answer.byte_offset = 1;
    answer.byte_count = 2'000'000;
    to->send(std::move(answer));
  });
  const auto answer = ask(*running, get("/"));
  CHECK(answer.body.size() == 2'000'000);
  CHECK(answer.body.front() == '<');
  CHECK(answer.body.back() == '>');
}

TEST_CASE("a line break in an answer's header cannot make another header", "[http_responses]") {
  const auto running = serve([](const request&, const responder_ptr& to) {
    auto answer = text_answer("");
    answer.headers.emplace_back("Location", "/a\r\nX-Evil: 1");
    to->send(std::move(answer));
  });
  const auto answer = ask(*running, get("/"));
  CHECK(answer.headers.count("x-evil") == 0);
  CHECK(answer.headers.at("location") == "/a  X-Evil: 1");
}

TEST_CASE("an answer may come from another thread, and late", "[http_responses]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle(), short_timeouts());
  client_connection client{running->port()};
  client.send(get("/"));
  const auto to = shelf.take();
  to->send(text_answer("first"));
  to->send(text_answer("second"));
  CHECK(client.read_answer().body == "first");
}

TEST_CASE("a responder that is dropped answers 500", "[http_responses]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle());
  client_connection client{running->port()};
  client.send(get("/"));
  shelf.take().reset();
  CHECK(client.read_answer().status == 500);
  client.send(get("/"));
  shelf.take()->send(text_answer("alive"));
  CHECK(client.read_answer().body == "alive");
}

TEST_CASE("what the server logs of a request carries its id", "[http_responses]") {
  settings config;
  config.log_level = "warning,http=debug";
  adapters::configure_log(config, {});
  const auto lines_after = [](const http::handler& handle, const std::string& path = "/") {
    const test::captured_stderr log;
    const auto running = serve(handle);
    ask(*running, get(path, "X-Request-Id: request-7\r\n"));
    running->stop(1s);
    return log.lines();
  };
  using Catch::Contains;
  CHECK(lines_after(echo).empty());

  const auto refused = lines_after(echo, "/%zz");
  REQUIRE(refused.size() == 1);
  CHECK_THAT(
      refused[0],
      Contains(
          " debug http: request refused method=GET status=400 requestId=request-7 who=127.0.0.1"
      )
  );

  const auto dropped = lines_after([](const request&, const responder_ptr&) {});
  REQUIRE(dropped.size() == 1);
  CHECK_THAT(dropped[0], Contains(" error http: a request was dropped") && Contains("request-7"));

  const auto thrown =
      lines_after([](const request&, const responder_ptr&) { throw std::runtime_error("no way"); });
  REQUIRE(thrown.size() == 1);
  CHECK_THAT(thrown[0], Contains("requestId=request-7 reason=\"no way\""));

  const auto twice = lines_after([](const request&, const responder_ptr& to) {
    to->send(text_answer("one"));
    to->send(text_answer("two"));
  });
  REQUIRE(twice.size() == 1);
  CHECK_THAT(twice[0], Contains("answered twice requestId=request-7"));
  adapters::configure_log({}, {});
}

TEST_CASE("a handler that throws answers 500", "[http_responses]") {
  const auto running =
      serve([](const request&, const responder_ptr&) { throw std::runtime_error("secret"); });
  const auto answer = ask(*running, get("/"));
  CHECK(answer.status == 500);
  CHECK(answer.body.find("secret") == std::string::npos);
}

TEST_CASE("an answer to a connection that has gone does no harm", "[http_responses]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle());
  {
    client_connection gone{running->port()};
    gone.send(get("/"));
    shelf.take()->send(text_answer("into the void"));
    gone.send(get("/"));
  }
  const auto late = shelf.take();
  late->send(text_answer("too late"));
  client_connection next{running->port()};
  next.send(get("/"));
  shelf.take()->send(text_answer("still here"));
  CHECK(next.read_answer().body == "still here");
}

TEST_CASE("a responder may outlive its server", "[http_responses]") {
  responder_shelf shelf;
  auto running = serve(shelf.handle());
  client_connection client{running->port()};
  client.send(get("/"));
  const auto to = shelf.take();
  running.reset();
  to->send(text_answer("nobody listens"));
  CHECK(client.read_to_end().empty());
}
