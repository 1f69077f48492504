// SPDX-License-Identifier: MIT

// rediss:// against a real redis-server with TLS: whom it trusts, and that it is as good as a plain
// connection.
#include "adapters/job_store/redis/redis_job_store.hpp"
#include "adapters/redis/connection/redis_listener.hpp"
#include "adapters/redis/redis_url.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/programs/service_process.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

using namespace std::chrono_literals;

/// A server with TLS whose certificate is for these hosts, by an authority of its own.
class tls_redis {
 public:
  explicit tls_redis(const std::string& hosts) {
    const auto script = std::filesystem::path{STAYLER_ASSETS}.parent_path() / "scripts/dev-certs";
    const auto made = test::run_program(script, {path("").string(), "coordinator:" + hosts}, {});
    INFO(made.output);
    REQUIRE(made.exit_code == 0);
    const std::string name = hosts.substr(0, hosts.find(','));
    server_ = std::make_unique<test::redis_process>(std::vector<std::string>{
        "--tls-port", std::to_string(port_), "--tls-cert-file", path(name + ".pem"),
        "--tls-key-file", path(name + ".key"), "--tls-ca-cert-file", path("ca.pem"),
        "--tls-auth-clients", "no"});
  }

  [[nodiscard]] test::redis_process& server() const { return *server_; }

  /// How a client that trusts its authority connects to that host.
  [[nodiscard]] redis_options at(const std::string& host) const {
    auto options = parse_redis_url("rediss://" + host + ":" + std::to_string(port_));
    REQUIRE(options);
    options->tls_authorities = path("ca.pem");
    return *options;
  }

 private:
  [[nodiscard]] std::filesystem::path path(const std::string& file) const {
    return folder_.path() / file;
  }

  test::temporary_folder folder_;
  std::uint16_t port_ = test::free_port();
  std::unique_ptr<test::redis_process> server_;
};

std::string refusal(const redis_options& options) {
  const auto opened = redis_connection::open(options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == error_class::unavailable);
  return opened.error().message;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void wait_for_subscriber(redis_connection& connection) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (connection.command({"PUBSUB", "NUMSUB", "news"})->value()[1].number() == 0) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
}

}  // namespace

TEST_CASE("rediss:// serves by a name and by an address that the certificate is for") {
  const tls_redis redis{"redis,localhost,127.0.0.1"};
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    auto connection = redis_connection::open(redis.at(host));
    REQUIRE(connection);
    // More than any buffer on the way holds.
    const std::string large(8UL * 1024 * 1024, 'x');
    REQUIRE(connection->command({"SET", "key", large}));
    CHECK(connection->command({"GET", "key"})->value().text() == large);
  }
}

TEST_CASE("an authority beside the system's is trusted, and not where others are named") {
  const tls_redis redis{"redis,127.0.0.1"};
  const tls_redis other{"redis,127.0.0.1"};
  auto options = redis.at("127.0.0.1");
  std::swap(options.tls_authorities, options.further_authorities);
  CHECK(redis_connection::open(options));
  options.tls_authorities = other.at("127.0.0.1").tls_authorities;
  CHECK(holds(refusal(options), "certificate"));
  options.tls_authorities.clear();
  options.further_authorities = "/nowhere.pem";
  CHECK(holds(refusal(options), "/nowhere.pem"));
}

TEST_CASE("a server whose certificate is for another name is refused, and the names are told") {
  const tls_redis redis{"elsewhere.example"};
  CHECK(holds(refusal(redis.at("localhost")), "ostname mismatch"));
  const std::string why = refusal(redis.at("127.0.0.1"));
  CHECK(holds(why, "IP address mismatch"));
  CHECK(holds(why, "DNS:elsewhere.example"));
}

TEST_CASE("a server whose authority is not trusted is refused") {
  const tls_redis redis{"redis,127.0.0.1"};
  const tls_redis other{"redis,127.0.0.1"};
  auto options = redis.at("127.0.0.1");
  options.tls_authorities = other.at("127.0.0.1").tls_authorities;
  CHECK(holds(refusal(options), "certificate"));
  options.tls_authorities.clear();
  CHECK(holds(refusal(options), "self-signed certificate"));
  options.tls_authorities = "/nowhere.pem";
  CHECK(holds(refusal(options), "/nowhere.pem"));
}

TEST_CASE("nothing is said in plain text to a server without TLS") {
  const test::redis_process plain;
  auto options = parse_redis_url("rediss://:secret@127.0.0.1:" + std::to_string(plain.port()));
  REQUIRE(options);
  CHECK(holds(refusal(*options), "TLS: "));
}

TEST_CASE("a server with TLS that stops answering is given up after the command's time") {
  const tls_redis redis{"redis,127.0.0.1"};
  auto options = redis.at("127.0.0.1");
  options.connect_timeout = options.command_timeout = milliseconds{200};
  auto connection = redis_connection::open(options);
  REQUIRE(connection);
  redis.server().pause();
  const auto answer = connection->command({"PING"});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == error_class::unavailable);
  CHECK(holds(refusal(options), "no answer in time"));
  redis.server().resume();
}

TEST_CASE("subscriptions over TLS hear what is published, also after the server was away") {
  const tls_redis redis{"redis,127.0.0.1"};
  const auto options = redis.at("127.0.0.1");
  std::promise<void> first;
  std::promise<void> second;
  const redis_listener listener{options, "news", [&](std::string_view text) {
                                  (text == "first" ? first : second).set_value();
                                }};
  auto connection = redis_connection::open(options);
  REQUIRE(connection);
  wait_for_subscriber(*connection);
  REQUIRE(connection->command({"PUBLISH", "news", "first"}));
  CHECK(first.get_future().wait_for(10s) == std::future_status::ready);

  redis.server().kill9();
  // Twice: a socket that is closed must not raise SIGPIPE.
  CHECK_FALSE(connection->command({"PING"}));
  CHECK_FALSE(connection->command({"PING"}));
  redis.server().start();
  auto again = redis_connection::open(options);
  REQUIRE(again);
  wait_for_subscriber(*again);
  REQUIRE(again->command({"PUBLISH", "news", "second"}));
  CHECK(second.get_future().wait_for(10s) == std::future_status::ready);
}

TEST_CASE("what was sent last over TLS arrives, though nobody waits for its answer") {
  const tls_redis redis{"redis,127.0.0.1"};
  const auto options = redis.at("127.0.0.1");
  auto asking = redis_connection::open(options);
  REQUIRE(asking);
  for (int i = 1; i <= 20; ++i) {
    {
      auto leaving = redis_connection::open(options);
      REQUIRE(leaving);
      // A server that still greets forgets the rest when its client goes.
      REQUIRE(leaving->command({"PING"}));
      leaving->append({"INCR", "count"});
      REQUIRE(leaving->send());
    }
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (asking->command({"GET", "count"})->value().number() != i) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
    }
  }
}

TEST_CASE("a job store at rediss:// keeps jobs") {
  const tls_redis redis{"redis,127.0.0.1"};
  auto store = open_redis_job_store(
      {redis.at("127.0.0.1"), "test", redis_job_store_options::time_source::caller}
  );
  REQUIRE(store);
  CHECK((*store)->find({}).error().kind == error_class::not_found);
}

}  // namespace stayler::adapters
