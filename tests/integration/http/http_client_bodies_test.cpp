// SPDX-License-Identifier: MIT

// Bodies of requests: made while they are sent, let go early, and sent again only where the server
// cannot have had them whole.

#include "adapters/http_client/curl_http_client.hpp"
#include "tests/integration/http/http_client_fixture.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <utility>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

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

}  // namespace

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

TEST_CASE("a body that ends before its announced size ends the request at once") {
  tcp_server server{[](tcp_connection& connection) { connection.await_close(); }};
  const auto client = make_curl_http_client();
  auto request = get_request(server);
  request.method = "POST";
  request.body = std::make_shared<short_body>();
  CHECK(error_of(send(*client, request)).error.kind == error_class::internal_bug);
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
  const auto response = response_of(std::move(answer));
  CHECK(response.body == "late");
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
