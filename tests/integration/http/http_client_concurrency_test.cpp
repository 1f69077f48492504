// SPDX-License-Identifier: MIT

// Many requests at once, those that are cancelled, and completions that send the next.

#include "adapters/http_client/curl_http_client.hpp"
#include "tests/integration/http/http_client_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <future>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// Room for 500 connections at both ends.
void allow_open_files(rlim_t wanted) {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(wanted, limit.rlim_max));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

}  // namespace

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
