// SPDX-License-Identifier: MIT

// The HTTP server over real sockets: what clients are promised, and what they cannot do to it.

#include "adapters/log/log.hpp"
#include "http/server/server.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_http.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace stayler;
using http::request;
using http::responder_ptr;
using http::response;
using http::server;
using http::server_options;
using test::raw_answer;
using test::raw_connection;
using namespace std::chrono_literals;

namespace {

response text_answer(std::string body) {
  response answer;
  answer.headers = {{"Content-Type", "text/plain"}};
  answer.body = std::move(body);
  answer.route = "/";
  return answer;
}

/// Answers with what arrived: method, path, body.
void echo(request req, responder_ptr to) {
  to->send(text_answer(req.method + " " + req.path + " " + req.body));
}

/// Short enough for a test, long enough for a busy machine.
server_options short_timeouts() {
  server_options options;
  options.read_timeout = 300ms;
  options.idle_timeout = 5'000ms;
  options.write_timeout = 5'000ms;
  return options;
}

std::unique_ptr<server> serve(http::handler handle, server_options options = {}) {
  auto started = server::start(std::move(options), std::move(handle));
  REQUIRE(started);
  return std::move(started).value();
}

std::string get(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: t\r\n" + std::string{headers} + "\r\n";
}

std::string post(std::string_view body, std::string_view headers = "") {
  return "POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"
         + std::string{headers} + "\r\n" + std::string{body};
}

raw_answer ask(const server& to, std::string_view bytes) {
  raw_connection client{to.port()};
  client.send(bytes);
  return client.read_answer();
}

/// Keeps responders until the test lets go of them.
class responder_shelf {
 public:
  void put(responder_ptr to) {
    const std::lock_guard lock{mutex_};
    kept_.push_back(std::move(to));
    changed_.notify_all();
  }

  responder_ptr take() {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, 10s, [this] { return !kept_.empty(); }));
    auto taken = std::move(kept_.front());
    kept_.erase(kept_.begin());
    return taken;
  }

  http::handler handle() {
    return [this](const request&, responder_ptr to) { put(std::move(to)); };
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<responder_ptr> kept_;
};

/// A stream of what the test gives it.
class fed_stream final : public http::body_stream {
 public:
  void begin(std::function<void()> wake) override {
    const std::lock_guard lock{mutex_};
    wake_ = std::move(wake);
  }
  piece next() override {
    const std::lock_guard lock{mutex_};
    ++asked_;
    return {std::exchange(waiting_, {}), is_ended_};
  }
  std::string heartbeat() override { return "beat;"; }
  [[nodiscard]] milliseconds heartbeat_interval() const override { return interval; }

  void add(const std::string& bytes, bool is_last = false) {
    const std::lock_guard lock{mutex_};
    waiting_ += bytes;
    is_ended_ = is_last;
    if (wake_) {
      wake_();
    }
  }
  [[nodiscard]] int asked() {
    const std::lock_guard lock{mutex_};
    return asked_;
  }

  milliseconds interval{60'000};

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::string waiting_;
  bool is_ended_ = false;
  int asked_ = 0;
};

response streamed(std::shared_ptr<http::body_stream> stream) {
  response answer;
  answer.headers = {{"Content-Type", "text/event-stream"}};
  answer.stream = std::move(stream);
  return answer;
}

}  // namespace

TEST_CASE("a request is handed over decoded and whole", "[http_server]") {
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

TEST_CASE("a request id that is missing or unprintable is replaced", "[http_server]") {
  const auto running = serve(echo);
  const std::string too_long(129, 'a');
  for (const std::string& header :
       {std::string{}, std::string{"X-Request-Id: a b\r\n"}, std::string{"X-Request-Id: \xff\r\n"},
        "X-Request-Id: " + too_long + "\r\n"}) {
    const auto id = ask(*running, get("/", header)).headers.at("x-request-id");
    CHECK(parse_uuid(id));
  }
}

TEST_CASE("one connection serves many requests, pipelined ones in their order", "[http_server]") {
  const auto running = serve(echo);
  raw_connection client{running->port()};
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

TEST_CASE("HTTP/1.0 is closed unless it asks otherwise", "[http_server]") {
  const auto running = serve(echo);
  raw_connection brief{running->port()};
  brief.send("GET /x HTTP/1.0\r\n\r\n");
  CHECK(brief.read_answer().headers.at("connection") == "close");
  CHECK(brief.read_to_end().empty());
  raw_connection lasting{running->port()};
  lasting.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(lasting.read_answer().headers.at("connection") == "keep-alive");
  lasting.send(get("/y"));
  CHECK(lasting.read_answer().body == "GET /y ");
}

TEST_CASE("HEAD gets the head of the answer and no body", "[http_server]") {
  const auto running = serve(echo);
  raw_connection client{running->port()};
  client.send("HEAD /x HTTP/1.1\r\nHost: t\r\n\r\n" + get("/y"));
  CHECK(client.read_answer(true).headers.at("content-length") == "8");
  CHECK(client.read_answer().body == "GET /y ");
}

TEST_CASE("statuses without a body have neither body nor length", "[http_server]") {
  const auto running = serve([](const request& req, const responder_ptr& to) {
    auto answer = text_answer("must not be sent");
    answer.status = req.path == "/304" ? 304 : 204;
    to->send(std::move(answer));
  });
  raw_connection client{running->port()};
  client.send(get("/304") + get("/204"));
  CHECK(client.read_answer().status == 304);
  const auto second = client.read_answer();
  CHECK(second.status == 204);
  CHECK(second.headers.count("content-length") == 0);
}

TEST_CASE("a slice of shared bytes is sent as the body", "[http_server]") {
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

TEST_CASE("a line break in an answer's header cannot make another header", "[http_server]") {
  const auto running = serve([](const request&, const responder_ptr& to) {
    auto answer = text_answer("");
    answer.headers.emplace_back("Location", "/a\r\nX-Evil: 1");
    to->send(std::move(answer));
  });
  const auto answer = ask(*running, get("/"));
  CHECK(answer.headers.count("x-evil") == 0);
  CHECK(answer.headers.at("location") == "/a  X-Evil: 1");
}

TEST_CASE("what is not HTTP gets a 400 as problem+json", "[http_server]") {
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
           "GET /?a=%f HTTP/1.1\r\nHost: t\r\n\r\n"}) {
    INFO(bytes);
    raw_connection client{running->port()};
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

TEST_CASE("a transfer coding that is not chunked is refused", "[http_server]") {
  const auto running = serve(echo);
  const auto answer =
      ask(*running,
          "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\n\r\nGET /smuggled HTTP/1.1");
  CHECK(answer.status == 501);
}

TEST_CASE("a request that ends in the middle is refused", "[http_server]") {
  const auto running = serve(echo);
  raw_connection client{running->port()};
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc");
  client.end_sending();
  CHECK(client.read_answer().status == 400);
}

TEST_CASE("a client that has ended its side still gets its answer", "[http_server]") {
  const auto running = serve(echo);
  raw_connection client{running->port()};
  client.send(get("/half"));
  client.end_sending();
  CHECK(client.read_answer().body == "GET /half ");
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a head that is too long gets a 431", "[http_server]") {
  server_options options;
  options.max_header_bytes = 1024;
  const auto running = serve(echo, options);
  CHECK(ask(*running, get("/", "X: " + std::string(2000, 'a') + "\r\n")).status == 431);
  CHECK(ask(*running, "GET /" + std::string(100'000, 'a')).status == 431);
  CHECK(ask(*running, get("/", "X: " + std::string(500, 'a') + "\r\n")).status == 200);
}

TEST_CASE("a body that is announced too long is refused unread", "[http_server]") {
  server_options options;
  options.max_body_bytes = 1000;
  const auto running = serve(echo, options);
  raw_connection client{running->port()};
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 50000000\r\n\r\n");
  const auto answer = client.read_answer();
  CHECK(answer.status == 413);
  CHECK(answer.body.find("1000 bytes") != std::string::npos);
}

TEST_CASE("a client that sends its whole body first still sees the 413", "[http_server]") {
  server_options options;
  options.max_body_bytes = 1000;
  const auto running = serve(echo, options);
  raw_connection client{running->port()};
  REQUIRE(client.send(post(std::string(20'000'000, 'x'))));
  CHECK(client.read_answer().status == 413);
}

TEST_CASE("a chunked body is refused when it passes the limit", "[http_server]") {
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

TEST_CASE("the limit of a body can depend on the request's head", "[http_server]") {
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

TEST_CASE("a body waits for 100 Continue where the client asks for it", "[http_server]") {
  server_options options;
  options.max_body_bytes = 1000;
  const auto running = serve(echo, options);
  raw_connection client{running->port()};
  client.send("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  CHECK(client.read_answer().body == "POST /p ok");
  client.send("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 2000\r\nExpect: 100-continue\r\n\r\n"
  );
  CHECK(client.read_answer().status == 413);
  CHECK(ask(*running, post("x", "Expect: a-miracle\r\n")).status == 417);
}

TEST_CASE("a request that trickles is cut off with a 408", "[http_server]") {
  const auto running = serve(echo, short_timeouts());
  SECTION("in its head") {
    raw_connection client{running->port()};
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
    raw_connection client{running->port()};
    client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc");
    CHECK(client.read_answer().status == 408);
    client.end_sending();
    CHECK(client.read_to_end().empty());
  }
}

TEST_CASE("a connection that says nothing is closed without a word", "[http_server]") {
  auto options = short_timeouts();
  options.idle_timeout = 300ms;
  const auto running = serve(echo, options);
  raw_connection silent{running->port()};
  raw_connection used{running->port()};
  used.send(get("/"));
  CHECK(used.read_answer().status == 200);
  CHECK(silent.read_to_end().empty());
  CHECK(used.read_to_end().empty());
}

TEST_CASE("a client that does not read its answer is given up", "[http_server]") {
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
  raw_connection client{running->port()};
  client.send(get("/"));
  response answer;
  answer.byte_count = bytes->size();
  answer.bytes = std::move(bytes);
  shelf.take()->send(std::move(answer));
  CHECK(given_up.get_future().wait_for(10s) == std::future_status::ready);
  CHECK_THROWS(client.read_exactly(64'000'000));
}

TEST_CASE("an answer may come from another thread, and late", "[http_server]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle(), short_timeouts());
  raw_connection client{running->port()};
  client.send(get("/"));
  const auto to = shelf.take();
  to->send(text_answer("first"));
  to->send(text_answer("second"));
  CHECK(client.read_answer().body == "first");
}

TEST_CASE("a responder that is dropped answers 500", "[http_server]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle());
  raw_connection client{running->port()};
  client.send(get("/"));
  shelf.take().reset();
  CHECK(client.read_answer().status == 500);
  client.send(get("/"));
  shelf.take()->send(text_answer("alive"));
  CHECK(client.read_answer().body == "alive");
}

TEST_CASE("the lines of a request carry its id", "[http_server]") {
  settings config;
  config.log_level = "warning,http=debug";
  adapters::configure_log(config, {});
  const auto lines_after = [](const http::handler& handle) {
    const test::captured_stderr log;
    const auto running = serve(handle);
    ask(*running, get("/", "X-Request-Id: request-7\r\n"));
    running->stop(1s);
    return log.lines();
  };
  using Catch::Contains;
  const auto answered = lines_after(echo);
  REQUIRE(answered.size() == 1);
  CHECK_THAT(
      answered[0], Contains(" debug http: request answered method=GET route=/ status=200 tookMs=")
                       && Contains(" requestId=request-7 who=127.0.0.1")
  );

  const auto dropped = lines_after([](const request&, const responder_ptr&) {});
  REQUIRE(dropped.size() == 2);
  CHECK_THAT(dropped[0], Contains(" error http: a request was dropped") && Contains("request-7"));
  CHECK_THAT(dropped[1], Contains(" status=500 ") && Contains("request-7"));

  const auto thrown =
      lines_after([](const request&, const responder_ptr&) { throw std::runtime_error("no way"); });
  REQUIRE(thrown.size() == 2);
  CHECK_THAT(thrown[0], Contains("requestId=request-7 reason=\"no way\""));

  const auto twice = lines_after([](const request&, const responder_ptr& to) {
    to->send(text_answer("one"));
    to->send(text_answer("two"));
  });
  REQUIRE(twice.size() == 2);
  CHECK_THAT(twice[0], Contains("answered twice route=/ requestId=request-7"));
  adapters::configure_log({}, {});
}

TEST_CASE("a handler that throws answers 500", "[http_server]") {
  const auto running =
      serve([](const request&, const responder_ptr&) { throw std::runtime_error("secret"); });
  const auto answer = ask(*running, get("/"));
  CHECK(answer.status == 500);
  CHECK(answer.body.find("secret") == std::string::npos);
}

TEST_CASE("an answer to a connection that has gone does no harm", "[http_server]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle());
  {
    raw_connection gone{running->port()};
    gone.send(get("/"));
    shelf.take()->send(text_answer("into the void"));
    gone.send(get("/"));
  }
  const auto late = shelf.take();
  late->send(text_answer("too late"));
  raw_connection next{running->port()};
  next.send(get("/"));
  shelf.take()->send(text_answer("still here"));
  CHECK(next.read_answer().body == "still here");
}

TEST_CASE("a responder may outlive its server", "[http_server]") {
  responder_shelf shelf;
  auto running = serve(shelf.handle());
  raw_connection client{running->port()};
  client.send(get("/"));
  const auto to = shelf.take();
  running.reset();
  to->send(text_answer("nobody listens"));
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a hundred connections are served at the same time", "[http_server]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle());
  std::vector<std::unique_ptr<raw_connection>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<raw_connection>(running->port()));
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

TEST_CASE("connections beyond the limit get a 503", "[http_server]") {
  server_options options;
  options.max_connections = 2;
  const auto running = serve(echo, options);
  auto first = std::make_unique<raw_connection>(running->port());
  raw_connection second{running->port()};
  first->send(get("/1"));
  CHECK(first->read_answer().status == 200);
  second.send(get("/2"));
  CHECK(second.read_answer().status == 200);
  raw_connection third{running->port()};
  third.send(get("/3"));
  const auto refused = third.read_answer();
  CHECK(refused.status == 503);
  CHECK(refused.headers.at("retry-after") == "1");
  third.end_sending();
  CHECK(third.read_to_end().empty());
  second.send(get("/2"));
  CHECK(second.read_answer().status == 200);
}

TEST_CASE("a port that is taken is an error that names it", "[http_server]") {
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

TEST_CASE("stop lets a request under way be answered and refuses new ones", "[http_server]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle());
  const auto port = running->port();
  raw_connection idle{port};
  raw_connection busy{port};
  busy.send(get("/"));
  const auto to = shelf.take();
  auto stopped = std::async(std::launch::async, [&] { running->stop(10s); });
  CHECK(idle.read_to_end().empty());
  CHECK_THROWS(raw_connection{port});
  CHECK(stopped.wait_for(0ms) == std::future_status::timeout);
  to->send(text_answer("in time"));
  const auto answer = busy.read_answer();
  CHECK(answer.body == "in time");
  CHECK(answer.headers.at("connection") == "close");
  busy.end_sending();
  CHECK(stopped.wait_for(10s) == std::future_status::ready);
}

TEST_CASE("stop closes what is not answered within the grace", "[http_server]") {
  responder_shelf shelf;
  const auto running = serve(shelf.handle());
  raw_connection busy{running->port()};
  busy.send(get("/"));
  const auto to = shelf.take();
  const auto begun = std::chrono::steady_clock::now();
  running->stop(100ms);
  CHECK(std::chrono::steady_clock::now() - begun < 5s);
  CHECK(busy.read_to_end().empty());
  running->stop(100ms);
}

TEST_CASE("wire faults break the connection in the way they say", "[http_server]") {
  using kind = http::wire_fault::kind;
  const std::string body(1000, 'b');
  const auto running = serve([&](const request& req, const responder_ptr& to) {
    const kind what = req.path == "/reset"      ? kind::reset
                      : req.path == "/truncate" ? kind::truncate
                      : req.path == "/hang"     ? kind::hang
                                                : kind::slow_body;
    to->send(text_answer(body), {what, 200ms});
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
    client.send(get("/slow"));
    CHECK(client.read_answer().body == body);
  }
}

TEST_CASE("random bytes never bring the server down", "[http_server]") {
  const auto running = serve(echo, short_timeouts());
  std::uint32_t state = 12345;
  for (int i = 0; i < 200; ++i) {
    std::string bytes = i % 2 == 0 ? "" : "POST / HTTP/1.1\r\nHost: t\r\n";
    for (int n = 0; n < 300; ++n) {
      state = state * 1664525U + 1013904223U;
      bytes += static_cast<char>(state >> 24U);
    }
    raw_connection client{running->port()};
    client.send(bytes);
  }
  CHECK(ask(*running, get("/")).status == 200);
}

TEST_CASE("a stream is sent piece by piece and ends with its last", "[http_server]") {
  const auto stream = std::make_shared<fed_stream>();
  const auto running =
      serve([&](const request&, const responder_ptr& to) { to->send(streamed(stream)); });
  raw_connection client{running->port()};
  SECTION("in chunks") {
    client.send(get("/"));
    const auto head = client.read_answer(true);
    CHECK(head.status == 200);
    CHECK(head.headers.at("transfer-encoding") == "chunked");
    CHECK(head.headers.count("content-length") == 0);
    stream->add("one");
    CHECK(client.read_exactly(8) == "3\r\none\r\n");
    stream->add("two and the end", true);
    CHECK(client.read_to_end() == "f\r\ntwo and the end\r\n0\r\n\r\n");
  }
  SECTION("as it is, for a client of HTTP/1.0") {
    client.send("GET / HTTP/1.0\r\n\r\n");
    CHECK(client.read_answer(true).headers.count("transfer-encoding") == 0);
    stream->add("one");
    CHECK(client.read_exactly(3) == "one");
    stream->add("two", true);
    CHECK(client.read_to_end() == "two");
  }
  SECTION("not at all, for HEAD") {
    client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK(client.read_answer(true).status == 200);
    CHECK(client.read_to_end().empty());
    CHECK(stream->asked() == 0);
  }
}

TEST_CASE("a stream that has nothing to say sends its heartbeat", "[http_server]") {
  const auto stream = std::make_shared<fed_stream>();
  stream->interval = 100ms;
  const auto running =
      serve([&](const request&, const responder_ptr& to) { to->send(streamed(stream)); });
  raw_connection client{running->port()};
  client.send(get("/"));
  client.read_until("\r\n\r\n");
  CHECK(client.read_exactly(20) == "5\r\nbeat;\r\n5\r\nbeat;\r\n");
}

TEST_CASE("a stream is let go when its client has gone", "[http_server]") {
  std::promise<void> gone;
  auto stream = std::shared_ptr<fed_stream>{new fed_stream, [&](const fed_stream* ended) {
                                              delete ended;
                                              gone.set_value();
                                            }};
  const auto running = serve([&](const request&, const responder_ptr& to) {
    to->send(streamed(std::move(stream)));
  });
  {
    raw_connection client{running->port()};
    client.send(get("/"));
    client.read_until("\r\n\r\n");
  }
  CHECK(gone.get_future().wait_for(10s) == std::future_status::ready);
}

TEST_CASE(
    "a client that does not read its stream costs one piece, and is given up", "[http_server]"
) {
  class endless final : public http::body_stream {
   public:
    void begin(std::function<void()>) override {}
    piece next() override { return {std::string(100'000, 'x'), (++pieces, false)}; }
    std::string heartbeat() override { return {}; }
    [[nodiscard]] milliseconds heartbeat_interval() const override { return milliseconds{60'000}; }
    std::atomic<int> pieces = 0;
  };
  auto options = short_timeouts();
  options.write_timeout = 300ms;
  std::promise<int> given_up;
  auto stream = std::shared_ptr<endless>{new endless, [&](const endless* ended) {
                                           given_up.set_value(ended->pieces);
                                           delete ended;
                                         }};
  const auto running = serve(
      [&](const request&, const responder_ptr& to) { to->send(streamed(std::move(stream))); },
      options
  );
  raw_connection client{running->port()};
  client.send(get("/"));
  auto pieces = given_up.get_future();
  REQUIRE(pieces.wait_for(10s) == std::future_status::ready);
  // What the system's own buffers took, and not more.
  CHECK(pieces.get() < 200);
}

TEST_CASE("stop ends streams, also such as never have an end", "[http_server]") {
  const auto stream = std::make_shared<fed_stream>();
  const auto running =
      serve([&](const request&, const responder_ptr& to) { to->send(streamed(stream)); });
  raw_connection client{running->port()};
  client.send(get("/"));
  client.read_until("\r\n\r\n");
  auto stopped = std::async(std::launch::async, [&] { running->stop(10s); });
  CHECK(client.read_to_end() == "0\r\n\r\n");
  client.end_sending();
  CHECK(stopped.wait_for(5s) == std::future_status::ready);
  stream->add("too late");
}
