// SPDX-License-Identifier: MIT

#include "tests/integration/http/server/server_fixture.hpp"

#include <chrono>
#include <future>
#include <string>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

TEST_CASE("a port that is taken is an error that names it", "[http_start_stop]") {
  const auto running = serve(echo);
  server_options options;
  options.port = running->port();
  const auto again = server::start(options, echo);
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == error_class::unavailable);
  CHECK(again.error().message.find(std::to_string(running->port())) != std::string::npos);
  options.address = "not an address";
  CHECK_FALSE(server::start(options, echo));
}

TEST_CASE("stop lets a request under way be answered and refuses new ones", "[http_start_stop]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle());
  const auto port = running->port();
  client_connection idle{port};
  client_connection busy{port};
  busy.send(get("/"));
  const auto to = shelf.take();
  auto stopped = std::async(std::launch::async, [&] { running->stop(10s); });
  CHECK(idle.read_to_end().empty());
  CHECK_THROWS(client_connection{port});
  CHECK(stopped.wait_for(0ms) == std::future_status::timeout);
  to->send(text_answer("in time"));
  const auto answer = busy.read_answer();
  CHECK(answer.body == "in time");
  CHECK(answer.headers.at("connection") == "close");
  busy.end_sending();
  CHECK(stopped.wait_for(10s) == std::future_status::ready);
}

TEST_CASE("a server that says farewell serves on, but ends each connection", "[http_start_stop]") {
  const auto running = serve(echo);
  client_connection kept{running->port()};
  kept.send(get("/before"));
  CHECK_FALSE(kept.read_answer().headers.contains("connection"));
  running->say_farewell();
  kept.send(get("/after"));
  const auto last = kept.read_answer();
  CHECK(last.status == 200);
  CHECK(last.headers.at("connection") == "close");
  CHECK(kept.read_to_end().empty());
  client_connection late{running->port()};
  late.send(get("/late"));
  const auto answer = late.read_answer();
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("connection") == "close");
}

TEST_CASE("stop closes what is not answered within the grace", "[http_start_stop]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle());
  client_connection busy{running->port()};
  busy.send(get("/"));
  const auto to = shelf.take();
  const auto begun = std::chrono::steady_clock::now();
  running->stop(100ms);
  CHECK(std::chrono::steady_clock::now() - begun < 5s);
  CHECK(busy.read_to_end().empty());
  running->stop(100ms);
}
