// SPDX-License-Identifier: MIT

// No bytes around a request keep a connection, memory or the server's thread: heads, chunks,
// trailers, transfer codings.

#include "tests/integration/http/server/server_fixture.hpp"

#include <stdexcept>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;

namespace {

const std::string chunked_head =
    "POST /p HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";

/// The status of the answer; the connection has to end with it.
unsigned refusal_of(const server& to, std::string_view bytes) {
  client_connection client{to.port()};
  client.send(bytes);
  const auto answer = client.read_answer();
  CHECK(answer.headers.at("connection") == "close");
  client.end_sending();
  CHECK(client.read_to_end().empty());
  return answer.status;
}

/// Sends a piece over and over: true where the server puts an end to it before long.
bool ends_flood(const server& to, std::string_view opening, std::string_view piece) {
  constexpr std::size_t patience_bytes = 256UL * 1024 * 1024;
  client_connection client{to.port()};
  client.send(opening);
  std::size_t sent = 0;
  while (sent < patience_bytes && client.send(piece)) {
    sent += piece.size();
  }
  return sent < patience_bytes;
}

class broken_stream final : public http::body_stream {
 public:
  void begin(std::function<void()>) override {}
  piece next() override { throw std::runtime_error("no more"); }
  std::string heartbeat() override { return {}; }
  [[nodiscard]] milliseconds heartbeat_interval() const override { return milliseconds{1'000}; }
};

}  // namespace

TEST_CASE("codings that are not taken are refused unread", "[http_framing]") {
  const auto running = serve(echo);
  CHECK(refusal_of(*running, post("x", "Content-Encoding: gzip\r\n")) == 415);
  CHECK(
      refusal_of(
          *running, "POST /p HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
      )
      == 501
  );
  CHECK(
      refusal_of(
          *running,
          "POST /p HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
      )
      == 400
  );
  CHECK(ask(*running, post("x", "Content-Encoding: identity\r\n")).status == 200);
  CHECK(ask(*running, get("/", "Content-Encoding: gzip\r\n")).status == 200);
}

TEST_CASE("a long trailer is refused, and takes no connection with it", "[http_framing]") {
  server_options options;
  options.max_connections = 5;  // the server may see the end of one after the client has
  const auto running = serve(echo, options);
  for (int i = 0; i < 25; ++i) {
    CHECK(
        refusal_of(*running, chunked_head + "0\r\nX-T: " + std::string(70'000, 'a') + "\r\n\r\n")
        == 400
    );
  }
  CHECK(ask(*running, get("/")).status == 200);
}

TEST_CASE("chunk extensions and trailer fields get a 400", "[http_framing]") {
  const auto running = serve(echo);
  CHECK(refusal_of(*running, chunked_head + "1;a=b\r\nx\r\n0\r\n\r\n") == 400);
  CHECK(refusal_of(*running, chunked_head + "1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n") == 400);
  CHECK(refusal_of(*running, chunked_head + std::string(100'000, '0') + "1\r\n") == 400);
}

TEST_CASE("framing without an end is cut off, not collected", "[http_framing]") {
  const auto running = serve(echo);
  const std::string letters(65'536, 'a');
  CHECK(ask(*running, chunked_head + "5;" + letters).status == 400);
  CHECK(ask(*running, chunked_head + "0\r\n" + letters).status == 400);
  CHECK(ends_flood(*running, chunked_head + "5;", letters));
  CHECK(ends_flood(*running, chunked_head + "0\r\n", "X: " + letters + "\r\n"));
}

TEST_CASE("a head of endless short fields is too long however it arrives", "[http_framing]") {
  const auto running = serve(echo);
  client_connection client{running->port()};
  client.send("GET / HTTP/1.1\r\nHost: t\r\n");
  const std::string fields = "a:b\r\na:b\r\n";
  for (int i = 0; i < 2'000 && client.send(fields); ++i) {
  }
  const auto answer = client.read_answer();
  INFO(answer.body);
  CHECK(answer.status == 431);
}

TEST_CASE(
    "a transfer coding other than chunked, once, is refused and ends the connection",
    "[http_framing]"
) {
  const auto running = serve(echo);
  const std::string head = "POST /p HTTP/1.1\r\nHost: t\r\n";
  const std::string body = "\r\n2\r\n{}\r\n0\r\n\r\n";
  for (const std::string& codings : std::vector<std::string>{
           "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: identity, chunked\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
           "Transfer-Encoding: chunked, chunked\r\n",
           "Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n",
           "Content-Length: 2\r\n Transfer-Encoding: chunked\r\n"}) {
    INFO(codings);
    const auto status = refusal_of(*running, head + codings + body);
    CHECK((status == 400 || status == 501));
  }
  CHECK(ask(*running, head + "Transfer-Encoding: Chunked\r\n" + body).body == "POST /p {}");
  CHECK(
      refusal_of(
          *running,
          "POST /p HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n" + body
      )
      == 400
  );
}

TEST_CASE("HTTP/1.0 gets no 100 Continue", "[http_framing]") {
  const auto running = serve(echo);
  client_connection client{running->port()};
  client.send("POST /p HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  client.send("ok");
  CHECK(client.read_answer().body == "POST /p ok");
}

TEST_CASE("a body that is not read ends the connection with the answer", "[http_framing]") {
  server_options options;
  options.reads_body = [](const request&) { return false; };
  const auto running = serve(echo, options);
  client_connection client{running->port()};
  client.send(get("/a"));
  CHECK(client.read_answer().body == "GET /a ");
  client.send(chunked_head + "5;" + std::string(70'000, 'a'));
  const auto answer = client.read_answer();
  CHECK(answer.body == "POST /p ");
  CHECK(answer.headers.at("connection") == "close");
}

TEST_CASE("what throws in a connection's work closes that connection alone", "[http_framing]") {
  server_options options;
  options.max_connections = 2;
  options.reads_body = [](const request& head) -> bool {
    throw std::runtime_error("cannot tell for " + head.path);
  };
  const auto running = serve(
      [](request req, responder_ptr to) {
        response answer;
        if (req.path == "/stream") {
          answer.stream = std::make_shared<broken_stream>();
        } else if (req.path == "/hook") {
          answer.hook = [](const http::raw_connection&) { throw std::runtime_error("no wire"); };
        }
        to->send(std::move(answer));
      },
      options
  );
  client_connection other{running->port()};
  for (int i = 0; i < 3; ++i) {
    for (const std::string& bytes : {post("x"), get("/stream"), get("/hook")}) {
      client_connection client{running->port()};
      client.send(bytes);
      CHECK(client.is_closed_by_peer());
    }
    other.send(get("/"));
    CHECK(other.read_answer().status == 200);
  }
}
