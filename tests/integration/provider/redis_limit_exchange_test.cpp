// SPDX-License-Identifier: MIT
#include "adapters/limit_exchange/redis_limit_exchange.hpp"

#include "adapters/redis/connection/redis_connection.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using std::chrono::seconds;
using test::redis_process;
using texts = std::vector<std::string>;

namespace {

redis_options at(const redis_process& server) {
  auto options = parse_redis_url(server.url());
  REQUIRE(options);
  options->command_timeout = milliseconds{500};
  return *options;
}

std::unique_ptr<limit_exchange> exchange_of(
    const redis_process& server,
    const std::string& owner,
    const std::string& queue = "test",
    milliseconds time_to_live = seconds{60}
) {
  return make_redis_limit_exchange({at(server), queue, owner, time_to_live});
}

texts share(limit_exchange& exchange, std::string_view record) {
  auto others = exchange.share(record);
  REQUIRE(others);
  std::ranges::sort(*others);
  return std::move(*others);
}

/// Asks again until the others are those; the test fails where they never are.
void wait_for(limit_exchange& exchange, const texts& expected) {
  const auto end = std::chrono::steady_clock::now() + seconds{20};
  for (;;) {
    const auto others = exchange.share("again");
    if (others && *others == expected) {
      return;
    }
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(milliseconds{20});
  }
}

}  // namespace

TEST_CASE("encrypted records are exchanged among those that have the key") {
  const redis_process server;
  const auto key = make_encryption_key("k1");
  REQUIRE(key);
  const auto with_key = [&](const std::string& owner) {
    redis_limit_exchange_options options{at(server), "test", owner, seconds{60}};
    options.keys = encryption_keys::parse(*key).value();
    return make_redis_limit_exchange(options);
  };
  const auto one = with_key("one");
  const auto two = with_key("two");
  CHECK(share(*one, "spent by user-erika").empty());
  CHECK(share(*two, "b") == texts{"spent by user-erika"});
  auto connection = redis_connection::open(at(server));
  REQUIRE(connection);
  const auto kept = connection->command({"HGET", "{test}:peers", "one"});
  REQUIRE(kept);
  CHECK(kept->value().text().size() > 40);
  CHECK(kept->value().text().find("user-erika") == std::string_view::npos);
  // Who has no key hears of nobody.
  CHECK(share(*exchange_of(server, "three"), "c").empty());
  CHECK(share(*one, "d") == texts{"b"});
}

TEST_CASE("a process gets the latest records of the others of its queue, whatever bytes they are") {
  const redis_process server;
  const auto one = exchange_of(server, "one");
  const auto two = exchange_of(server, "two");
  const auto stranger = exchange_of(server, "one", "another");
  CHECK(share(*one, "a").empty());
  CHECK(share(*two, "b") == texts{"a"});
  CHECK(share(*stranger, "s").empty());
  const std::string bytes{"\0\n'\xff", 4};
  CHECK(share(*one, bytes) == texts{"b"});
  CHECK(share(*two, "c") == texts{bytes});
  const auto three = exchange_of(server, "three");
  CHECK(share(*three, "d") == texts{bytes, "c"});
}

TEST_CASE("a record that is not renewed expires, and leaves nothing behind") {
  const redis_process server;
  const auto lasting = exchange_of(server, "one");
  share(*exchange_of(server, "two", "test", milliseconds{300}), "gone soon");
  wait_for(*lasting, {});
  share(*exchange_of(server, "two", "other", milliseconds{100}), "gone soon");
  auto connection = redis_connection::open(at(server));
  REQUIRE(connection);
  const auto end = std::chrono::steady_clock::now() + seconds{20};
  while (connection->command({"EXISTS", "{other}:peers"})->value().number() > 0) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(milliseconds{20});
  }
}

TEST_CASE("an exchange goes on when its server is back") {
  redis_process server;
  const auto one = exchange_of(server, "one");
  const auto two = exchange_of(server, "two");
  share(*two, "b");
  CHECK(share(*one, "a") == texts{"b"});
  server.stop();
  CHECK(one->share("a").error().kind == error_class::unavailable);
  server.start();
  // Its script has to be loaded anew; records of before may have expired meanwhile.
  wait_for(*one, {"b"});
  wait_for(*two, {"again"});
}
