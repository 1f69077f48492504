// SPDX-License-Identifier: MIT

// How a server of ours misbehaves when it is told to: hooks that write an answer in its place.

#include "app/gemini_sim/faults/wire_fault.hpp"

#include "tests/integration/http/server/server_fixture.hpp"

#include <chrono>
#include <string>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;
using sim::wire_fault;

TEST_CASE("wire faults break the connection in the way they say", "[wire_fault]") {
  const std::string body(1000, 'b');
  const auto running = serve([&](const request& req, const responder_ptr& to) {
    const wire_fault fault = req.path == "/reset"      ? wire_fault::reset
                             : req.path == "/truncate" ? wire_fault::truncate
                             : req.path == "/hang"     ? wire_fault::hang
                             : req.path == "/slow"     ? wire_fault::slow_body
                                                       : wire_fault::none;
    auto answer = text_answer(body);
    answer.hook = sim::make_wire_hook(fault, 200ms);
    to->send(std::move(answer));
  });
  raw_connection client{running->port()};
  SECTION("reset") {
    client.send(get("/reset"));
    CHECK_THROWS_WITH(client.read_to_end(), "reset");
  }
  SECTION("truncate") {
    client.send(get("/truncate"));
    CHECK(client.read_until("\r\n\r\n").find("Content-Length: 1000") != std::string::npos);
    CHECK(client.read_to_end() == body.substr(0, 500));
  }
  SECTION("hang") {
    client.send(get("/hang"));
    client.end_sending();
    // Nothing but the end that follows ours.
    CHECK(client.read_to_end().empty());
  }
  SECTION("slow body") {
    const auto begun = std::chrono::steady_clock::now();
    client.send(get("/slow"));
    CHECK(client.read_answer().body == body);
    CHECK(std::chrono::steady_clock::now() - begun >= 190ms);
    client.send(get("/none"));
    CHECK(client.read_answer().body == body);
  }
}

TEST_CASE("a server that stops takes its connections from their hooks", "[wire_fault]") {
  const auto running = serve([](const request& req, const responder_ptr& to) {
    auto answer = text_answer("never");
    const bool hangs = req.path == "/hang";
    answer.hook = sim::make_wire_hook(hangs ? wire_fault::hang : wire_fault::slow_body, 1h);
    to->send(std::move(answer));
  });
  raw_connection hanging{running->port()};
  hanging.send(get("/hang"));
  raw_connection slow{running->port()};
  slow.send(get("/slow"));
  slow.read_until("\r\n\r\n");
  const auto begun = std::chrono::steady_clock::now();
  running->stop(100ms);
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
  CHECK(hanging.read_to_end().empty());
  CHECK(slow.read_to_end().empty());
}
