// SPDX-License-Identifier: MIT

// What arrives is handed over whole and decoded, or refused with the status that says why.

#include "messages/base/uuid.hpp"
#include "tests/integration/http/server/server_fixture.hpp"

#include <atomic>
#include <cstdint>
#include <future>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

TEST_CASE("a request is handed over decoded and whole", "[http_requests]") {
  std::promise<request> seen;
  const auto running = serve([&](request req, responder_ptr to) {
    seen.set_value(std::move(req));
    to->send(text_answer("ok"));
  });
  const auto answer =
      ask(*running,
          "POST /a%20b/%C3%A9?x=1%2B1&y=a+b&x=2&flag HTTP/1.1\r\nHost: t\r\nX-Thing: v\r\n"
          "X-Request-Id: abc-1\r\nContent-Length: 4\r\n\r\nbody");
  REQUIRE(answer.status == 200);
  const request req = seen.get_future().get();
  CHECK(req.method == "POST");
  CHECK(req.path == "/a b/é");
  CHECK(req.parameter("x") == "1+1");
  CHECK(req.parameter("y") == "a b");
  CHECK(req.parameter("flag") == "");
  CHECK_FALSE(req.parameter("z"));
  CHECK(req.header("x-thing") == "v");
  CHECK(req.body == "body");
  CHECK(req.remote_address == "127.0.0.1");
  CHECK(req.request_id == "abc-1");
  CHECK(answer.body == "ok");
  CHECK(answer.headers.at("x-request-id") == "abc-1");
  CHECK(answer.headers.at("server") == "stayler");
  CHECK(answer.headers.at("date").size() == 29);
  CHECK(answer.headers.at("content-length") == "2");
}

TEST_CASE("a request id that is missing or unprintable is replaced", "[http_requests]") {
  const auto running = serve(echo);
  const std::string too_long(129, 'a');
  for (const std::string& header :
       {std::string{}, std::string{"X-Request-Id: a b\r\n"}, std::string{"X-Request-Id: \xff\r\n"},
        "X-Request-Id: " + too_long + "\r\n"}) {
    const auto id = ask(*running, get("/", header)).headers.at("x-request-id");
    CHECK(parse_uuid(id));
  }
}

TEST_CASE("one connection serves many requests, pipelined ones in their order", "[http_requests]") {
  const auto running = serve(echo);
  client_connection client{running->port()};
  client.send(get("/1") + post("two") + get("/3"));
  CHECK(client.read_answer().body == "GET /1 ");
  CHECK(client.read_answer().body == "POST /p two");
  CHECK(client.read_answer().body == "GET /3 ");
  client.send(get("/4", "Connection: close\r\n"));
  const auto last = client.read_answer();
  CHECK(last.body == "GET /4 ");
  CHECK(last.headers.at("connection") == "close");
  CHECK(client.read_to_end().empty());
}

TEST_CASE("HTTP/1.0 is closed unless it asks otherwise", "[http_requests]") {
  const auto running = serve(echo);
  client_connection brief{running->port()};
  brief.send("GET /x HTTP/1.0\r\n\r\n");
  CHECK(brief.read_answer().headers.at("connection") == "close");
  CHECK(brief.read_to_end().empty());
  client_connection lasting{running->port()};
  lasting.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(lasting.read_answer().headers.at("connection") == "keep-alive");
  lasting.send(get("/y"));
  CHECK(lasting.read_answer().body == "GET /y ");
}

TEST_CASE("what is not HTTP gets a 400 as problem+json", "[http_requests]") {
  std::atomic<int> calls = 0;
  const auto running = serve([&](request req, responder_ptr to) {
    ++calls;
    echo(std::move(req), std::move(to));
  });
  for (const std::string& bytes : std::vector<std::string>{
           "garbage\r\n\r\n", std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11),
           "GET / HTTP/9.9\r\nHost: t\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
           "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: t\r\nbad header\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: t\r\nContent-Length: x\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
           "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nTransfer-Encoding: "
           "chunked\r\n\r\n0\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
           "GET relative HTTP/1.1\r\nHost: t\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: t\r\n\r\n",
           "GET /%0 HTTP/1.1\r\nHost: t\r\n\r\n", "GET /%00 HTTP/1.1\r\nHost: t\r\n\r\n",
           "GET /a%2Fb HTTP/1.1\r\nHost: t\r\n\r\n", "GET /a%5Cb HTTP/1.1\r\nHost: t\r\n\r\n",
           "GET /?a=%f HTTP/1.1\r\nHost: t\r\n\r\n"}) {
    INFO(bytes);
    client_connection client{running->port()};
    client.send(bytes);
    const auto answer = client.read_answer();
    CHECK(answer.status == 400);
    CHECK(answer.headers.at("content-type") == "application/problem+json");
    CHECK(answer.headers.at("connection") == "close");
    CHECK(answer.body.find("\"status\":400") != std::string::npos);
    CHECK(client.read_to_end().empty());
  }
  CHECK(calls == 0);
}

TEST_CASE("a target that names another host than the Host is refused", "[http_requests]") {
  const auto running = serve(echo);
  CHECK(ask(*running, "GET http://a:1/x HTTP/1.1\r\nHost: A:1\r\n\r\n").body == "GET /x ");
  CHECK(ask(*running, "GET http://a:1/x HTTP/1.1\r\nHost: b:1\r\n\r\n").status == 400);
  CHECK(ask(*running, "GET http://a:1/x HTTP/1.0\r\n\r\n").status == 400);
}

TEST_CASE("a transfer coding that is not chunked is refused", "[http_requests]") {
  const auto running = serve(echo);
  const auto answer =
      ask(*running,
          "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\n\r\nGET /smuggled HTTP/1.1");
  CHECK(answer.status == 501);
}

TEST_CASE("a request that ends in the middle is refused", "[http_requests]") {
  const auto running = serve(echo);
  client_connection client{running->port()};
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc");
  client.end_sending();
  CHECK(client.read_answer().status == 400);
}

TEST_CASE("a client that has ended its side still gets its answer", "[http_requests]") {
  const auto running = serve(echo);
  client_connection client{running->port()};
  client.send(get("/half"));
  client.end_sending();
  CHECK(client.read_answer().body == "GET /half ");
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a body waits for 100 Continue where the client asks for it", "[http_requests]") {
  server_options options;
  options.max_body_bytes = 1000;
  const auto running = serve(echo, options);
  client_connection client{running->port()};
  client.send("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  CHECK(client.read_answer().body == "POST /p ok");
  client.send("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 2000\r\nExpect: 100-continue\r\n\r\n"
  );
  CHECK(client.read_answer().status == 413);
  CHECK(ask(*running, post("x", "Expect: a-miracle\r\n")).status == 417);
}

TEST_CASE("random bytes never bring the server down", "[http_requests]") {
  const auto running = serve(echo, short_timeouts());
  std::uint32_t state = 12345;
  for (int i = 0; i < 200; ++i) {
    std::string bytes = i % 2 == 0 ? "" : "POST / HTTP/1.1\r\nHost: t\r\n";
    for (int n = 0; n < 300; ++n) {
      state = state * 1664525U + 1013904223U;
      bytes += static_cast<char>(state >> 24U);
    }
    client_connection client{running->port()};
    client.send(bytes);
  }
  CHECK(ask(*running, get("/")).status == 200);
}
