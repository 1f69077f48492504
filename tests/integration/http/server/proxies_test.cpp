// SPDX-License-Identifier: MIT

// Proxies in front of the server: whose connection it is, and what of theirs is believed.

#include "tests/integration/http/server/server_fixture.hpp"

#include <list>
#include <string>

using namespace stayler;
using namespace stayler::test;

namespace {

/// 127.0.0.1 is a trusted proxy, all other addresses are not.
server_options behind_proxy(bool expects_header = false) {
  server_options options = short_timeouts();
  options.trusted_proxies = adapters::parse_ip_networks("127.0.0.1").value();
  options.expects_proxy_header = expects_header;
  return options;
}

void say_caller(request req, responder_ptr to) {
  to->send(text_answer(req.remote_address));
}

std::string caller_seen(raw_connection& client, std::string_view headers = "") {
  client.send(get("/", headers));
  return client.read_answer().body;
}

constexpr std::string_view greeting = "PROXY TCP4 192.0.2.7 198.51.100.1 50000 8080\r\n";

}  // namespace

TEST_CASE("X-Forwarded-For is believed of a trusted proxy alone", "[http_proxies]") {
  const auto running = serve(say_caller, behind_proxy());
  raw_connection proxy{running->port()};
  CHECK(caller_seen(proxy, "X-Forwarded-For: 203.0.113.5, 192.0.2.7\r\n") == "192.0.2.7");
  CHECK(caller_seen(proxy, "X-Forwarded-For: 192.0.2.8\r\n") == "192.0.2.8");
  CHECK(caller_seen(proxy, "X-Forwarded-For: nobody\r\n") == "127.0.0.1");
  CHECK(caller_seen(proxy) == "127.0.0.1");
  raw_connection stranger{running->port(), "127.0.0.2"};
  CHECK(caller_seen(stranger, "X-Forwarded-For: 192.0.2.7\r\n") == "127.0.0.2");
}

TEST_CASE("without trusted proxies no header says who calls", "[http_proxies]") {
  const auto running = serve(say_caller);
  raw_connection client{running->port()};
  CHECK(caller_seen(client, "X-Forwarded-For: 192.0.2.7\r\n") == "127.0.0.1");
}

TEST_CASE("a trusted proxy's connections are not counted as one caller's", "[http_proxies]") {
  auto options = behind_proxy();
  options.max_connections_per_address = 1;
  const auto running = serve(say_caller, options);
  std::list<raw_connection> proxies;
  for (int i = 0; i < 3; ++i) {
    CHECK(caller_seen(proxies.emplace_back(running->port())) == "127.0.0.1");
  }
  raw_connection stranger{running->port(), "127.0.0.2"};
  CHECK(caller_seen(stranger) == "127.0.0.2");
  raw_connection once_more{running->port(), "127.0.0.2"};
  once_more.send(get("/"));
  CHECK(once_more.read_answer().status == 503);
}

TEST_CASE("a PROXY header says whose connection it is", "[http_proxies]") {
  const auto running = serve(say_caller, behind_proxy(true));
  raw_connection client{running->port()};
  client.send(greeting);
  CHECK(caller_seen(client) == "192.0.2.7");
  CHECK(caller_seen(client, "X-Forwarded-For: 203.0.113.5\r\n") == "192.0.2.7");
  raw_connection of_one_piece{running->port()};
  of_one_piece.send(std::string{greeting} + get("/"));
  CHECK(of_one_piece.read_answer().body == "192.0.2.7");
  raw_connection itself{running->port()};
  itself.send("PROXY UNKNOWN\r\n");
  CHECK(caller_seen(itself) == "127.0.0.1");
  CHECK(caller_seen(itself, "X-Forwarded-For: 203.0.113.5\r\n") == "127.0.0.1");
}

TEST_CASE("callers behind a PROXY header have a share of the connections each", "[http_proxies]") {
  auto options = behind_proxy(true);
  options.max_connections_per_address = 1;
  const auto running = serve(say_caller, options);
  raw_connection first{running->port()};
  first.send(greeting);
  CHECK(caller_seen(first) == "192.0.2.7");
  raw_connection second{running->port()};
  second.send(std::string{greeting} + get("/"));
  CHECK(second.read_answer().status == 503);
  raw_connection other{running->port()};
  other.send("PROXY TCP4 192.0.2.8 198.51.100.1 50000 8080\r\n");
  CHECK(caller_seen(other) == "192.0.2.8");
}

TEST_CASE("a trusted proxy has to send the header, whole and soon", "[http_proxies]") {
  const auto running = serve(say_caller, behind_proxy(true));
  raw_connection none{running->port()};
  none.send(get("/"));
  CHECK(none.is_closed_by_peer());
  raw_connection slow{running->port()};
  slow.send(greeting.substr(0, 20));
  CHECK(slow.is_closed_by_peer());
  raw_connection cut_off{running->port()};
  cut_off.send(greeting.substr(0, 20));
  cut_off.end_sending();
  CHECK(cut_off.is_closed_by_peer());
  raw_connection good{running->port()};
  good.send(greeting);
  CHECK(caller_seen(good) == "192.0.2.7");
}

TEST_CASE("nobody else's PROXY header is read", "[http_proxies]") {
  const auto running = serve(say_caller, behind_proxy(true));
  raw_connection stranger{running->port(), "127.0.0.2"};
  CHECK(caller_seen(stranger) == "127.0.0.2");
  raw_connection pretender{running->port(), "127.0.0.2"};
  pretender.send(std::string{greeting} + get("/"));
  CHECK(pretender.read_answer().status == 400);
}

TEST_CASE("the server stops although a PROXY header has not come", "[http_proxies]") {
  auto options = behind_proxy(true);
  options.read_timeout = milliseconds{600'000};
  const auto running = serve(say_caller, options);
  raw_connection silent{running->port()};
  raw_connection other{running->port()};
  other.send(greeting);
  CHECK(caller_seen(other) == "192.0.2.7");
  running->stop(milliseconds{60'000});
  CHECK(silent.is_closed_by_peer());
}
