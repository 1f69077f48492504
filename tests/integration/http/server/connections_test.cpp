// SPDX-License-Identifier: MIT

// Who gets a connection where there are too many: how many in all, how many of one address, and
// whose place a newcomer takes.

#include "tests/integration/http/server/server_fixture.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;

TEST_CASE("connections beyond the limit get a 503", "[http_connections]") {
  server_options options;
  options.max_connections = 2;
  options.spare_after = milliseconds{60'000};
  const auto running = serve(echo, options);
  client_connection first{running->port()};
  client_connection second{running->port()};
  first.send(get("/1"));
  CHECK(first.read_answer().status == 200);
  second.send(get("/2"));
  CHECK(second.read_answer().status == 200);
  client_connection third{running->port()};
  third.send(get("/3"));
  const auto refused = third.read_answer();
  CHECK(refused.status == 503);
  CHECK(refused.headers.at("retry-after") == "1");
  third.end_sending();
  CHECK(third.read_to_end().empty());
  second.send(get("/2"));
  CHECK(second.read_answer().status == 200);
}

TEST_CASE("a newcomer gets the place of who has been idle longest", "[http_connections]") {
  server_options options;
  options.max_connections = 3;
  options.spare_after = milliseconds{0};
  responder_shelf shelf;
  const auto running = serve(
      [&](request req, responder_ptr to) {
        req.path == "/wait" ? shelf.put(std::move(to)) : echo(std::move(req), std::move(to));
      },
      options
  );
  client_connection busy{running->port()};
  busy.send(get("/wait"));
  const auto waiting = shelf.take();
  client_connection idle{running->port()};
  idle.send(get("/1"));
  CHECK(idle.read_answer().status == 200);
  client_connection less_idle{running->port()};
  less_idle.send(get("/2"));
  CHECK(less_idle.read_answer().status == 200);

  client_connection newcomer{running->port()};
  newcomer.send(get("/3"));
  CHECK(newcomer.read_answer().status == 200);
  CHECK(idle.read_to_end().empty());
  less_idle.send(get("/4"));
  CHECK(less_idle.read_answer().body == "GET /4 ");
  waiting->send(text_answer("done"));
  CHECK(busy.read_answer().body == "done");
}

TEST_CASE("one address gets its share of the connections and no more", "[http_connections]") {
  server_options options;
  options.max_connections = 10;
  options.max_connections_per_address = 2;
  options.spare_after = milliseconds{0};
  const auto running = serve(echo, options);
  auto first = std::make_unique<client_connection>(running->port());
  client_connection second{running->port()};
  for (auto* each : {first.get(), &second}) {
    each->send(get("/"));
    CHECK(each->read_answer().status == 200);
  }
  CHECK(ask(*running, get("/")).status == 503);
  second.send(get("/"));
  CHECK(second.read_answer().status == 200);

  client_connection other{running->port(), "127.0.0.2"};
  other.send(get("/"));
  CHECK(other.read_answer().status == 200);

  first->send(get("/", "Connection: close\r\n"));
  CHECK(first->read_answer().status == 200);
  first->end_sending();
  CHECK(first->read_to_end().empty());
  // The client sees the end before the server sees the client's.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{2};
  auto status = ask(*running, get("/")).status;
  while (status == 503 && std::chrono::steady_clock::now() < deadline) {
    status = ask(*running, get("/")).status;
  }
  CHECK(status == 200);
}
