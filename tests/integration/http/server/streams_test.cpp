// SPDX-License-Identifier: MIT

// Bodies that are made while they are sent.

#include "tests/integration/http/server/server_fixture.hpp"

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

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

TEST_CASE("a stream is sent piece by piece and ends with its last", "[http_streams]") {
  const auto stream = std::make_shared<fed_stream>();
  const auto running =
      serve([&](const request&, const responder_ptr& to) { to->send(streamed(stream)); });
  client_connection client{running->port()};
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

TEST_CASE("a stream that has nothing to say sends its heartbeat", "[http_streams]") {
  const auto stream = std::make_shared<fed_stream>();
  stream->interval = 100ms;
  const auto running =
      serve([&](const request&, const responder_ptr& to) { to->send(streamed(stream)); });
  client_connection client{running->port()};
  client.send(get("/"));
  client.read_until("\r\n\r\n");
  CHECK(client.read_exactly(20) == "5\r\nbeat;\r\n5\r\nbeat;\r\n");
}

TEST_CASE("a stream is let go when its client has gone", "[http_streams]") {
  std::promise<void> gone;
  auto stream = std::shared_ptr<fed_stream>{new fed_stream, [&](const fed_stream* ended) {
                                              delete ended;
                                              gone.set_value();
                                            }};
  const auto running = serve([&](const request&, const responder_ptr& to) {
    to->send(streamed(std::move(stream)));
  });
  {
    client_connection client{running->port()};
    client.send(get("/"));
    client.read_until("\r\n\r\n");
  }
  CHECK(gone.get_future().wait_for(10s) == std::future_status::ready);
}

TEST_CASE(
    "a client that does not read its stream costs one piece, and is given up", "[http_streams]"
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
  client_connection client{running->port()};
  client.send(get("/"));
  auto pieces = given_up.get_future();
  REQUIRE(pieces.wait_for(10s) == std::future_status::ready);
  // What the system's own buffers took, and not more.
  CHECK(pieces.get() < 200);
}

TEST_CASE("stop ends streams, also such as never have an end", "[http_streams]") {
  const auto stream = std::make_shared<fed_stream>();
  const auto running =
      serve([&](const request&, const responder_ptr& to) { to->send(streamed(stream)); });
  client_connection client{running->port()};
  client.send(get("/"));
  client.read_until("\r\n\r\n");
  auto stopped = std::async(std::launch::async, [&] { running->stop(10s); });
  CHECK(client.read_to_end() == "0\r\n\r\n");
  client.end_sending();
  CHECK(stopped.wait_for(5s) == std::future_status::ready);
  stream->add("too late");
}
