// SPDX-License-Identifier: MIT
#include "adapters/redis/connection/redis_listener.hpp"

#include "adapters/redis/redis_url.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <chrono>
#include <future>

namespace stayler::adapters {

TEST_CASE("messages that arrive together are heard at once, each of them") {
  const test::redis_process server;
  const auto options = parse_redis_url(server.url());
  REQUIRE(options);
  std::promise<void> both;
  const redis_listener listener{*options, "news", [&, count = 0](std::string_view) mutable {
                                  if (++count == 2) {
                                    both.set_value();
                                  }
                                }};
  auto connection = redis_connection::open(*options);
  REQUIRE(connection);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (connection->command({"PUBSUB", "NUMSUB", "news"})->value()[1].number() == 0) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
  // What a script publishes goes out in one piece.
  REQUIRE(connection->command(
      {"EVAL", "redis.call('PUBLISH', 'news', 'a') redis.call('PUBLISH', 'news', 'b')", "0"}
  ));
  CHECK(both.get_future().wait_for(std::chrono::seconds{10}) == std::future_status::ready);
}

}  // namespace stayler::adapters
