// SPDX-License-Identifier: MIT

// What bodies and answers may have in memory: over all connections, however slow the clients are.

#include "tests/integration/http/server/server_fixture.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t mebibyte = 1024UL * 1024;

/// For what the server does on its own threads.
bool becomes_true(const std::function<bool()>& claim) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!claim() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(2ms);
  }
  return claim();
}

/// Options of a server with 8 MiB: 1 for bodies that arrive, 3 for whole ones, 4 for answers.
struct small_memory {
  temporary_folder folder;
  std::shared_ptr<http::http_memory> memory = std::make_shared<http::http_memory>(8 * mebibyte);

  [[nodiscard]] server_options options() const {
    server_options made;
    made.max_body_bytes = 4 * mebibyte;
    made.memory = memory;
    made.spool.folder = folder.path();
    return made;
  }
};

std::string post_head(std::size_t length) {
  return "POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

std::string letters(std::size_t count) {
  std::string text(count, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    text[i] = static_cast<char>('a' + i % 23);
  }
  return text;
}

/// Keeps requests, with their bodies, until the test answers them.
class request_shelf {
 public:
  http::handler handle() {
    return [this](request req, responder_ptr to) {
      const std::lock_guard lock{mutex_};
      kept_.emplace_back(std::move(req), std::move(to));
    };
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return kept_.size();
  }

  void answer_first() {
    std::pair<request, responder_ptr> first;
    {
      const std::lock_guard lock{mutex_};
      first = std::move(kept_.front());
      kept_.erase(kept_.begin());
    }
    first.second->send(text_answer(std::to_string(first.first.body.size())));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<request, responder_ptr>> kept_;
};

/// Bytes that are made when they are asked for.
class letter_source final : public http::part_source {
 public:
  explicit letter_source(std::size_t fails_at = std::string::npos) : fails_at_(fails_at) {}

  void read(std::uint64_t offset, std::size_t count, std::function<void(shared_bytes)> done)
      override {
    ++reads;
    largest = std::max(largest.load(), count);
    done(offset + count > fails_at_ ? nullptr : part(offset, count));
  }

  static shared_bytes part(std::uint64_t offset, std::size_t count) {
    std::vector<std::byte> bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
      bytes[i] = static_cast<std::byte>('a' + (offset + i) % 23);
    }
    return std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  }

  std::atomic<std::size_t> reads = 0;
  std::atomic<std::size_t> largest = 0;

 private:
  std::size_t fails_at_;
};

response answer_in_parts(
    const std::shared_ptr<letter_source>& source, std::size_t size, std::size_t offset = 0
) {
  response answer;
  answer.source = source;
  answer.byte_offset = offset;
  answer.byte_count = size - offset;
  answer.bytes = letter_source::part(offset, std::min(answer.byte_count, http::part_bytes));
  return answer;
}

}  // namespace

TEST_CASE("a large body waits in a file until it is whole", "[http_memory]") {
  const small_memory small;
  const auto running = serve(echo, small.options());
  const std::string body = letters(2 * mebibyte);
  client_connection client{running->port()};
  SECTION("of known length") {
    client.send(post_head(body.size()));
    client.send(body.substr(0, mebibyte));
    CHECK(becomes_true([&] { return small.memory->arriving->now().held > 0; }));
    CHECK(small.memory->arriving->now().held <= 64UL * 1024);
    CHECK(small.memory->bodies->now().held == 0);
    client.send(body.substr(mebibyte));
  }
  SECTION("in chunks") {
    client.send("POST /p HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (std::size_t at = 0; at < body.size(); at += 65'536) {
      client.send("10000\r\n" + body.substr(at, 65'536) + "\r\n");
    }
    client.send("0\r\n\r\n");
  }
  CHECK(client.read_answer().body == "POST /p " + body);
  CHECK(std::filesystem::is_empty(small.folder.path()));
  client.send(get("/next"));
  CHECK(client.read_answer().body == "GET /next ");
  CHECK(small.memory->arriving->now().held == 0);
  CHECK(becomes_true([&] { return small.memory->bodies->now().held == 0; }));
}

TEST_CASE("whole bodies wait in line for memory, small calls do not", "[http_memory]") {
  const small_memory small;
  request_shelf shelf;
  const auto running = serve(shelf.handle(), small.options());
  const auto body = letters(2 * mebibyte);
  client_connection first{running->port()};
  first.send(post(body));
  REQUIRE(becomes_true([&] { return shelf.size() == 1; }));
  client_connection second{running->port()};
  second.send(post(body));
  client_connection third{running->port()};
  third.send(post("small"));
  REQUIRE(becomes_true([&] { return shelf.size() == 2; }));
  CHECK(small.memory->bodies->now().held == 2 * mebibyte);

  shelf.answer_first();
  CHECK(first.read_answer().body == std::to_string(body.size()));
  REQUIRE(becomes_true([&] { return shelf.size() == 2; }));
  shelf.answer_first();
  CHECK(third.read_answer().body == "5");
  shelf.answer_first();
  CHECK(second.read_answer().body == std::to_string(body.size()));
  CHECK(small.memory->bodies->now().refused == 0);
}

TEST_CASE(
    "a body that finds no memory in time gets 503, and its connection goes on", "[http_memory]"
) {
  const small_memory small;
  auto options = small.options();
  options.room_patience = 100ms;
  const auto running = serve(echo, options);
  const auto all = small.memory->bodies->try_take("another", small.memory->bodies->now().limit);
  client_connection client{running->port()};
  client.send(post(letters(mebibyte)));
  const auto refused = client.read_answer();
  CHECK(refused.status == 503);
  CHECK(refused.headers.at("retry-after") == "5");
  CHECK(refused.body.find("unavailable") != std::string::npos);
  CHECK(small.memory->bodies->now().refused == 1);
  client.send(post("small"));
  CHECK(client.read_answer().body == "POST /p small");
}

TEST_CASE("where too many bodies arrive at once a further one is refused unread", "[http_memory]") {
  const small_memory small;
  const auto running = serve(echo, small.options());
  auto all = small.memory->arriving->try_take("another", small.memory->arriving->now().limit);
  CHECK(ask(*running, post_head(mebibyte)).status == 503);
  CHECK(ask(*running, post_head(10'000)).status == 503);
  CHECK(ask(*running, post("small")).status == 200);
  all.reset();
  CHECK(ask(*running, post(letters(10'000))).status == 200);
}

TEST_CASE(
    "where the disk has no room a large body gets 507, a small one does not", "[http_memory]"
) {
  const small_memory small;
  auto options = small.options();
  options.spool.spare_bytes = 1ULL << 60U;
  options.spool.spare_percent = 100;
  const auto running = serve(echo, options);
  const auto refused = ask(*running, post(letters(mebibyte)));
  CHECK(refused.status == 507);
  CHECK(refused.body.find("store_full") != std::string::npos);
  CHECK(refused.body.find(small.folder.path().string()) == std::string::npos);
  CHECK(refused.headers.at("connection") == "close");
  CHECK(ask(*running, post(letters(10'000))).status == 200);
}

TEST_CASE("a client that leaves in the middle of a large body leaves nothing", "[http_memory]") {
  const small_memory small;
  const auto running = serve(echo, small.options());
  {
    client_connection client{running->port()};
    client.send(post_head(2 * mebibyte));
    client.send(letters(mebibyte));
    CHECK(becomes_true([&] { return small.memory->arriving->now().held > 0; }));
  }
  CHECK(becomes_true([&] { return small.memory->arriving->now().held == 0; }));
  CHECK(std::filesystem::is_empty(small.folder.path()));
}

TEST_CASE("what only looks is refused where answers have no memory left", "[http_memory]") {
  const small_memory small;
  const auto running = serve(
      [](const request& req, const responder_ptr& to) {
        to->send(text_answer(std::string(req.path == "/small" ? 1'000 : 100'000, 'x')));
      },
      small.options()
  );
  auto all = small.memory->answers->try_take("another", small.memory->answers->now().limit);
  const auto refused = ask(*running, get("/large"));
  CHECK(refused.status == 503);
  CHECK(refused.headers.count("retry-after") == 1);
  CHECK(ask(*running, get("/small")).status == 200);
  CHECK(ask(*running, post("x")).body.size() == 100'000);  // it was done, and may not be again
  all.reset();
  CHECK(ask(*running, get("/large")).body.size() == 100'000);
}

TEST_CASE(
    "an answer in parts is sent with its length, and the connection goes on", "[http_memory]"
) {
  constexpr std::size_t size = 3 * mebibyte + 7;
  const auto source = std::make_shared<letter_source>();
  const auto running = serve([&](const request& req, const responder_ptr& to) {
    to->send(answer_in_parts(source, size, req.path == "/rest" ? mebibyte + 1 : 0));
  });
  client_connection client{running->port()};
  client.send(get("/"));
  const auto whole = client.read_answer();
  CHECK(whole.headers.at("content-length") == std::to_string(size));
  CHECK(whole.headers.count("transfer-encoding") == 0);
  CHECK(whole.body == letters(size));
  CHECK(source->largest == http::part_bytes);
  client.send(get("/rest"));
  CHECK(client.read_answer().body == letters(size).substr(mebibyte + 1));

  source->reads = 0;
  client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n");
  CHECK(client.read_answer(true).headers.at("content-length") == std::to_string(size));
  CHECK(source->reads == 0);
}

TEST_CASE("a slow reader costs one part of its answer", "[http_memory]") {
  constexpr std::size_t size = 64 * mebibyte;
  const auto source = std::make_shared<letter_source>();
  const small_memory small;
  const auto running = serve(
      [&](const request&, const responder_ptr& to) {
        auto answer = answer_in_parts(source, size);
        answer.room = small.memory->answers->try_take("another", http::part_bytes);
        to->send(std::move(answer));
      },
      small.options()
  );
  client_connection client{running->port()};
  client.send(get("/"));
  client.read_until("\r\n\r\n");
  CHECK(small.memory->answers->now().held == http::part_bytes);
  CHECK(source->reads < size / http::part_bytes / 2);
  CHECK(client.read_exactly(size) == letters(size));
  CHECK(becomes_true([&] { return small.memory->answers->now().held == 0; }));
}

TEST_CASE("where a part cannot be had the connection ends in the middle", "[http_memory]") {
  const auto source = std::make_shared<letter_source>(mebibyte);
  const auto running = serve([&](const request&, const responder_ptr& to) {
    to->send(answer_in_parts(source, 2 * mebibyte));
  });
  client_connection client{running->port()};
  client.send(get("/"));
  const auto head = client.read_until("\r\n\r\n");
  CHECK(head.find("Content-Length: 2097152") != std::string::npos);
  CHECK(client.read_exactly(mebibyte) == letters(mebibyte));
  CHECK_THROWS(client.read_exactly(1));
}
