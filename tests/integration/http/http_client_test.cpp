// SPDX-License-Identifier: MIT
// Proves the HTTP client's contract against real sockets whose other end misbehaves on purpose.
#include "adapters/http_client/http_client.hpp"

#include "adapters/http_client/curl_http_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tcp_server.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <sys/resource.h>

namespace stayler::adapters {

namespace {

using namespace std::chrono_literals;
using test::tcp_connection;
using test::tcp_server;
using outcome = std::variant<http_response, http_error>;

std::future<outcome> send(
    http_client& client, http_request request, http_ticket* ticket = nullptr
) {
  auto promise = std::make_shared<std::promise<outcome>>();
  const auto sent = client.send(std::move(request), [promise](outcome what) {
    promise->set_value(std::move(what));
  });
  if (ticket != nullptr) {
    *ticket = sent;
  }
  return promise->get_future();
}

http_request get_request(const tcp_server& server) {
  http_request request;
  request.url = server.url("/path?q=1");
  request.timeout = 20s;
  return request;
}

http_request post_request(const tcp_server& server, std::string body) {
  auto request = get_request(server);
  request.method = "POST";
  request.body = make_string_body(std::move(body));
  return request;
}

http_response response_of(std::future<outcome> future) {
  auto what = future.get();
  if (const auto* error = std::get_if<http_error>(&what)) {
    FAIL("no answer: " << to_string(error->error.kind) << ", " << error->error.message);
  }
  return std::get<http_response>(std::move(what));
}

http_error error_of(std::future<outcome> future) {
  auto what = future.get();
  REQUIRE(std::holds_alternative<http_error>(what));
  return std::get<http_error>(std::move(what));
}

/// What a test waits for, set by the server's threads.
class event {
 public:
  void set() {
    const std::scoped_lock lock{mutex_};
    is_set_ = true;
    changed_.notify_all();
  }

  void wait() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return is_set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
};

/// A long body that exists nowhere: byte n is a letter that n decides.
class letters final : public body_source {
 public:
  explicit letters(std::uint64_t size) : size_(size) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }

  std::size_t read(std::span<char> buffer) override {
    std::size_t count = 0;
    for (; count < buffer.size() && position_ < size_; ++count, ++position_) {
      buffer[count] = letter(position_);
    }
    return count;
  }

  void rewind() override {
    position_ = 0;
    ++rewinds;
  }

  static char letter(std::uint64_t position) { return static_cast<char>('a' + position % 23); }

  std::atomic<int> rewinds = 0;

 private:
  std::uint64_t size_;
  std::uint64_t position_ = 0;
};

/// A body that ends before the size that it announced.
class short_body final : public body_source {
 public:
  [[nodiscard]] std::uint64_t size() const override { return 10; }
  std::size_t read(std::span<char>) override { return 0; }
  void rewind() override {}
};

/// Room for 500 connections at both ends.
void allow_open_files(rlim_t wanted) {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(wanted, limit.rlim_max));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

void echo_all(tcp_connection& connection) {
  for (auto request = connection.read_request(); !request.empty();
       request = connection.read_request()) {
    connection.answer(request);
  }
}

}  // namespace

TEST_CASE("a request arrives as it was made, and the answer comes back with its headers") {
  std::string received;
  tcp_server server{[&](tcp_connection& connection) {
    received = connection.read_request();
    connection.write(
        "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
        "HTTP/1.1 418 Teapot\r\nX-Kind:  Tea \r\nx-kind: second\r\nContent-Length: 3\r\n\r\nhot"
    );
  }};
  const auto client = make_curl_http_client();
  auto request = post_request(server, "the body");
  request.headers = {{"X-Empty", ""}, {"Content-Type", "text/x"}};
  const auto response = response_of(send(*client, std::move(request)));
  CHECK(response.status == 418);
  CHECK(response.body == "hot");
  CHECK(response.header("x-kind") == "Tea");
  CHECK(response.header("x-early").empty());
  CHECK(response.header("missing").empty());
  CHECK(received.starts_with("POST /path?q=1 HTTP/1.1\r\n"));
  CHECK(received.find("\r\nX-Empty:\r\n") != std::string::npos);
  CHECK(received.find("\r\nContent-Type: text/x\r\n") != std::string::npos);
  CHECK(received.find("Expect") == std::string::npos);
  CHECK(received.ends_with("\r\n\r\nthe body"));
}

TEST_CASE("methods other than POST carry their body or none") {
  tcp_server server{echo_all};
  const auto client = make_curl_http_client();
  for (const std::string method : {"PUT", "PATCH", "DELETE"}) {
    auto request = post_request(server, "content");
    request.method = method;
    const auto body = response_of(send(*client, std::move(request))).body;
    CHECK(body.starts_with(method + " /path"));
    CHECK(body.find("Content-Type") == std::string::npos);
    CHECK(body.ends_with("\r\n\r\ncontent"));
  }
  auto request = get_request(server);
  request.method = "DELETE";
  CHECK(response_of(send(*client, request)).body.starts_with("DELETE /path"));
}

TEST_CASE("an answer to HEAD has headers and no body") {
  tcp_server server{[](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\nETag: x\r\n\r\n");
    connection.await_close();
  }};
  const auto client = make_curl_http_client();
  auto request = get_request(server);
  request.method = "HEAD";
  const auto response = response_of(send(*client, std::move(request)));
  CHECK(response.header("etag") == "x");
  CHECK(response.body.empty());
}

TEST_CASE("requests one after the other share a connection") {
  tcp_server server{echo_all};
  const auto client = make_curl_http_client();
  for (int i = 0; i < 20; ++i) {
    CHECK(response_of(send(*client, post_request(server, "again"))).status == 200);
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a long body is sent whole while it is made") {
  constexpr std::uint64_t size = 8'000'000;
  tcp_server server{[](tcp_connection& connection) {
    connection.read_head();
    const auto body = connection.read_bytes(size);
    bool is_right = body.size() == size;
    for (std::size_t i = 0; i < body.size(); ++i) {
      is_right = is_right && body[i] == letters::letter(i);
    }
    connection.answer(is_right ? "right" : "wrong");
  }};
  const auto client = make_curl_http_client();
  auto request = get_request(server);
  request.method = "POST";
  request.body = std::make_shared<letters>(size);
  CHECK(response_of(send(*client, request)).body == "right");
}

TEST_CASE("a redirect is an answer like any other") {
  tcp_server server{[](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n");
    connection.await_close();
  }};
  const auto client = make_curl_http_client();
  const auto response = response_of(send(*client, get_request(server)));
  CHECK(response.status == 302);
  CHECK(response.header("location") == "/else");
}

TEST_CASE("a server that does not answer in time is a timeout, and the request had left") {
  tcp_server server{[](tcp_connection& connection) { connection.await_close(); }};
  const auto client = make_curl_http_client();
  auto request = post_request(server, "slow");
  request.timeout = 100ms;
  const auto start = std::chrono::steady_clock::now();
  const auto error = error_of(send(*client, std::move(request)));
  CHECK(error.error.kind == error_class::timeout);
  CHECK(error.was_sent);
  CHECK(std::chrono::steady_clock::now() - start >= 100ms);
}

TEST_CASE("an answer that stops half-way is a timeout too") {
  tcp_server server{[](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    connection.await_close();
  }};
  const auto client = make_curl_http_client();
  auto request = get_request(server);
  request.timeout = 100ms;
  CHECK(error_of(send(*client, request)).error.kind == error_class::timeout);
}

TEST_CASE("a closed port is a connection error, and nothing had left") {
  std::string url;
  {
    const tcp_server server{echo_all};
    url = server.url();
  }
  const auto client = make_curl_http_client();
  http_request request;
  request.url = url;
  const auto error = error_of(send(*client, std::move(request)));
  CHECK(error.error.kind == error_class::connection);
  CHECK_FALSE(error.was_sent);
  CHECK_FALSE(error.error.message.empty());
}

TEST_CASE("a connection that closes or breaks without an answer is a connection error") {
  const bool is_reset = GENERATE(false, true);
  tcp_server server{[is_reset](tcp_connection& connection) {
    connection.read_request();
    if (is_reset) {
      connection.reset_on_close();
    }
  }};
  const auto client = make_curl_http_client();
  const auto error = error_of(send(*client, post_request(server, "x")));
  CHECK(error.error.kind == error_class::connection);
  CHECK(error.was_sent);
}

TEST_CASE("an answer that is cut short or no HTTP is the server's error") {
  const std::string answer = GENERATE(
      std::string{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"},
      std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
      std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nXYZ\r\n"},
      std::string{"+OK this is another protocol\r\n\r\n"}
  );
  INFO(answer);
  tcp_server server{[&](tcp_connection& connection) {
    connection.read_request();
    connection.write(answer);
  }};
  const auto client = make_curl_http_client();
  const auto error = error_of(send(*client, get_request(server)));
  CHECK(to_string(error.error.kind) == to_string(error_class::server_error));
  CHECK(error.was_sent);
}

TEST_CASE("an answer that is reset half-way can be tried again") {
  tcp_server server{[](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    connection.reset_on_close();
  }};
  const auto client = make_curl_http_client();
  const auto error = error_of(send(*client, get_request(server)));
  // A reset may overtake the bytes that were sent before it.
  CHECK(
      (error.error.kind == error_class::server_error || error.error.kind == error_class::connection)
  );
}

TEST_CASE("an answer of the allowed length passes, one byte more is the server's error") {
  const bool is_chunked = GENERATE(false, true);
  tcp_server server{[is_chunked](tcp_connection& connection) {
    while (!connection.read_request().empty()) {
      const std::string body(1000, 'x');
      if (is_chunked) {
        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        connection.write("3e8\r\n" + body + "\r\n0\r\n\r\n");
      } else {
        connection.answer(body);
      }
    }
  }};
  const auto client = make_curl_http_client();
  auto request = get_request(server);
  request.max_response_bytes = 1000;
  CHECK(response_of(send(*client, request)).body.size() == 1000);
  request.max_response_bytes = 999;
  const auto error = error_of(send(*client, request));
  CHECK(error.error.kind == error_class::server_error);
  CHECK(error.error.message.find("longer") != std::string::npos);
}

TEST_CASE("endless headers are the server's error") {
  tcp_server server{[](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 2'000; ++i) {
      connection.write("X-Header: " + std::string(100, 'x') + "\r\n");
    }
    connection.await_close();
  }};
  const auto client = make_curl_http_client();
  CHECK(error_of(send(*client, get_request(server))).error.kind == error_class::server_error);
}

TEST_CASE("a request that cannot be HTTP is a bug of the caller, and reaches nobody") {
  tcp_server server{echo_all};
  const auto client = make_curl_http_client();
  const auto check = [&](auto spoil) {
    auto request = get_request(server);
    spoil(request);
    const auto error = error_of(send(*client, std::move(request)));
    CHECK(to_string(error.error.kind) == to_string(error_class::internal_bug));
    CHECK_FALSE(error.was_sent);
  };
  check([](http_request& r) { r.url = "no url at all"; });
  check([](http_request& r) { r.url = "file:///etc/passwd"; });
  check([](http_request& r) { r.url += "\r\nX-Other: 1"; });
  check([](http_request& r) { r.method = "GET / HTTP/1.1\r\nX-Other: 1\r\n"; });
  check([](http_request& r) { r.method.clear(); });
  check([](http_request& r) { r.headers = {{"x", "1\r\nX-Other: 2"}}; });
  check([](http_request& r) { r.headers = {{"", "1"}}; });
  CHECK(server.connections() == 0);
}

TEST_CASE("a body that ends before its announced size ends the request at once") {
  tcp_server server{[](tcp_connection& connection) { connection.await_close(); }};
  const auto client = make_curl_http_client();
  auto request = get_request(server);
  request.method = "POST";
  request.body = std::make_shared<short_body>();
  CHECK(error_of(send(*client, request)).error.kind == error_class::internal_bug);
}

TEST_CASE("a cancelled request ends at once and closes its connection") {
  event arrived;
  event closed;
  tcp_server server{[&](tcp_connection& connection) {
    connection.read_request();
    arrived.set();
    connection.await_close();
    closed.set();
  }};
  const auto client = make_curl_http_client();
  http_ticket ticket{};
  auto answer = send(*client, post_request(server, "paid"), &ticket);
  arrived.wait();
  client->cancel(ticket);
  const auto error = error_of(std::move(answer));
  CHECK(error.error.kind == error_class::cancelled);
  CHECK(error.was_sent);
  closed.wait();
}

TEST_CASE("cancelling what has ended, or never was, does nothing") {
  tcp_server server{echo_all};
  const auto client = make_curl_http_client();
  http_ticket ticket{};
  CHECK(response_of(send(*client, get_request(server), &ticket)).status == 200);
  client->cancel(ticket);
  client->cancel(http_ticket{12'345});
  CHECK(response_of(send(*client, get_request(server))).status == 200);
}

TEST_CASE("a long request on a kept connection that breaks is sent again from its start") {
  constexpr std::uint64_t size = 64'000'000;
  std::atomic<bool> is_whole = false;
  tcp_server server{[&](tcp_connection& connection) {
    if (connection.number() == 0) {
      connection.read_request();
      connection.answer("first");
      connection.read_head();
      connection.read_bytes(100'000);
      connection.reset_on_close();
      return;
    }
    connection.read_head();
    is_whole = connection.read_bytes(size).size() == size;
    connection.answer("second");
  }};
  const auto client = make_curl_http_client();
  CHECK(response_of(send(*client, get_request(server))).body == "first");
  auto request = get_request(server);
  request.method = "POST";
  const auto body = std::make_shared<letters>(size);
  request.body = body;
  CHECK(response_of(send(*client, request)).body == "second");
  CHECK(body->rewinds == 1);
  CHECK(is_whole);
}

TEST_CASE("a body is let go once all of it has left, long before the answer") {
  event answered;
  tcp_server server{[&](tcp_connection& connection) {
    connection.read_request();
    answered.wait();
    connection.answer("late");
  }};
  const auto client = make_curl_http_client();
  auto request = get_request(server);
  request.method = "POST";
  request.body = std::make_shared<letters>(300'000);
  const std::weak_ptr<body_source> body = request.body;
  std::promise<bool> was_let_go;
  request.on_body_taken = [&] { was_let_go.set_value(body.expired()); };
  auto answer = send(*client, std::move(request));
  CHECK(was_let_go.get_future().get());
  answered.set();
  CHECK(response_of(std::move(answer)).body == "late");
}

TEST_CASE("a request that the server had whole is never sent twice") {
  std::atomic<int> paid = 0;
  tcp_server server{[&](tcp_connection& connection) {
    for (auto request = connection.read_request(); !request.empty();
         request = connection.read_request()) {
      if (request.ends_with("paid")) {
        ++paid;
        return;
      }
      connection.answer("first");
    }
  }};
  const auto client = make_curl_http_client();
  CHECK(response_of(send(*client, get_request(server))).body == "first");
  const auto error = error_of(send(*client, post_request(server, "paid")));
  CHECK(error.error.kind == error_class::connection);
  CHECK(error.was_sent);
  CHECK(paid == 1);
}

TEST_CASE("500 slow calls are in flight at once on one thread") {
  constexpr std::size_t calls = 500;
  allow_open_files(4'096);
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t waiting = 0;
  tcp_server server{[&](tcp_connection& connection) {
    const auto request = connection.read_request();
    {
      std::unique_lock lock{mutex};
      ++waiting;
      changed.notify_all();
      changed.wait(lock, [&] { return waiting == calls; });
    }
    connection.answer(request.substr(request.size() - 4));
  }};
  const auto client = make_curl_http_client();
  std::vector<std::future<outcome>> answers;
  for (std::size_t i = 0; i < calls; ++i) {
    auto request = post_request(server, std::to_string(1'000 + i));
    request.timeout = 60s;
    answers.push_back(send(*client, std::move(request)));
  }
  for (std::size_t i = 0; i < calls; ++i) {
    CHECK(response_of(std::move(answers[i])).body == std::to_string(1'000 + i));
  }
}

TEST_CASE("no more connections are open than allowed, and the others wait their turn") {
  std::atomic<int> open = 0;
  std::atomic<int> most = 0;
  tcp_server server{[&](tcp_connection& connection) {
    const int now = ++open;
    most = std::max(most.load(), now);
    echo_all(connection);
    --open;
  }};
  const auto client = make_curl_http_client(2);
  std::vector<std::future<outcome>> answers(40);
  for (auto& answer : answers) {
    answer = send(*client, post_request(server, "x"));
  }
  for (auto& answer : answers) {
    const auto response = response_of(std::move(answer));
    CHECK(response.status == 200);
  }
  CHECK(most <= 2);
}

TEST_CASE("many threads may send and cancel at the same time") {
  tcp_server server{echo_all};
  const auto client = make_curl_http_client(8);
  std::atomic<int> completions = 0;
  constexpr int senders = 4;
  constexpr int calls = 50;
  std::vector<std::thread> threads;
  threads.reserve(senders);
  std::mutex mutex;
  std::condition_variable changed;
  for (int t = 0; t < senders; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < calls; ++i) {
        const auto ticket = client->send(post_request(server, "x"), [&](const outcome&) {
          const std::scoped_lock lock{mutex};
          ++completions;
          changed.notify_all();
        });
        if (i % 3 == 0) {
          client->cancel(ticket);
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  std::unique_lock lock{mutex};
  changed.wait(lock, [&] { return completions == senders * calls; });
  CHECK(completions == senders * calls);
}

TEST_CASE("a completion may send the next request") {
  tcp_server server{echo_all};
  const auto client = make_curl_http_client();
  std::promise<outcome> second;
  client->send(get_request(server), [&](const outcome&) {
    client->send(post_request(server, "second"), [&](outcome what) {
      second.set_value(std::move(what));
    });
  });
  CHECK(response_of(second.get_future()).body.ends_with("second"));
}

TEST_CASE("destruction cancels what is under way, and what its completions send anew") {
  event arrived;
  tcp_server server{[&](tcp_connection& connection) {
    connection.read_request();
    arrived.set();
    connection.await_close();
  }};
  std::vector<error_class> ends;
  auto client = make_curl_http_client();
  const auto note = [&](const outcome& what) {
    ends.push_back(std::get<http_error>(what).error.kind);
  };
  client->send(get_request(server), [&, self = client.get()](const outcome& what) {
    note(what);
    self->send(get_request(server), note);
  });
  arrived.wait();
  client.reset();
  CHECK(ends == std::vector{error_class::cancelled, error_class::cancelled});
}

TEST_CASE("a proxy in the environment is ignored") {
  tcp_server server{echo_all};
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto client = make_curl_http_client();
  CHECK(response_of(send(*client, get_request(server))).status == 200);
  ::unsetenv("http_proxy");
}

TEST_CASE("a string body gives its text in any pieces, and again after a rewind") {
  const auto body = make_string_body("hello world");
  CHECK(body->size() == 11);
  std::string buffer(4, '?');
  CHECK(body->read(buffer) == 4);
  CHECK(buffer == "hell");
  body->rewind();
  std::string all(20, '?');
  CHECK(body->read(all) == 11);
  CHECK(body->read(all) == 0);
  CHECK(all.starts_with("hello world"));
}

}  // namespace stayler::adapters
