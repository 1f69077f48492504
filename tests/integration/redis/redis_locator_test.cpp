// SPDX-License-Identifier: MIT

// Which of several servers is taken, and again after it has gone.

#include "adapters/redis/cluster/redis_locator.hpp"

#include "adapters/redis/connection/redis_listener.hpp"
#include "adapters/redis/connection/redis_sender.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/servers/redis/redis_cluster.hpp"
#include "tests/support/servers/redis/redis_sentinel.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <utility>

namespace stayler::adapters {

namespace {

const std::string queue_key = "{stayler}";

redis_options at(const std::string& url) {
  auto options = parse_redis_url(url);
  REQUIRE(options);
  options->command_timeout = milliseconds{500};
  options->connect_timeout = milliseconds{500};
  return *std::move(options);
}

/// The port of the server that one is connected to.
std::int64_t port_of(redis_connection& connection) {
  const auto answer = connection.command({"CONFIG", "GET", "port"});
  REQUIRE(answer);
  return answer->value()[1].number();
}

void check_finds(redis_locator& locator, const test::redis_process& server) {
  test::wait_for_redis("it is found", [&] {
    auto made = locator.connect();
    return made && port_of(*made) == server.port();
  });
}

bool can_publish(redis_sender& sender, const std::string& text) {
  std::promise<void_result> sent;
  sender.send({{"PUBLISH", "news", text}}, [&](void_result outcome) {
    sent.set_value(std::move(outcome));
  });
  return sent.get_future().get().has_value();
}

}  // namespace

TEST_CASE("of a cluster the owner of the key is found, and its successor through other nodes") {
  test::redis_cluster cluster{queue_key};
  redis_locator locator{at(cluster.bystander().url()), queue_key};
  check_finds(locator, cluster.owner());
  // Pub/sub is the business of all nodes: any will do, also when the one in the URL has gone.
  std::atomic<int> heard{0};
  const redis_listener listener{
      at(cluster.bystander().url()), "news", [&](std::string_view) { ++heard; }};
  redis_sender sender{at(cluster.owner().url())};
  test::wait_for_redis("it is heard", [&] { return can_publish(sender, "a") && heard > 0; });

  cluster.owner().kill9();
  check_finds(locator, cluster.replica());
  const int heard_before = heard;
  test::wait_for_redis("it is heard again", [&] {
    return can_publish(sender, "b") && heard > heard_before;
  });
}

TEST_CASE("of a master and its replica the master is taken, whichever comes first") {
  const test::redis_process master;
  const test::redis_process replica{{"--replicaof", "127.0.0.1", std::to_string(master.port())}};
  const std::string port = std::to_string(master.port());
  redis_locator both{at(replica.url() + ",127.0.0.1:" + port), queue_key};
  check_finds(both, master);
  redis_locator one{at(replica.url()), queue_key};
  const auto refused = one.connect();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK(refused.error().message.find("read-only replica") != std::string::npos);
}

TEST_CASE("a Sentinel's master is found, and the next one") {
  test::redis_sentinel redis;
  redis_locator locator{at(redis.url()), queue_key};
  check_finds(locator, redis.master());
  redis.master().kill9();
  check_finds(locator, redis.replica());
  CHECK(redis.master_port() == redis.replica().port());

  std::string url = redis.url();
  redis_locator wrong{at(url.replace(url.rfind("main"), 4, "mane")), queue_key};
  const auto refused = wrong.connect();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
  CHECK(refused.error().message.find("'mane'") != std::string::npos);
}

}  // namespace stayler::adapters
