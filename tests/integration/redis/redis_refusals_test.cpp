// SPDX-License-Identifier: MIT

// A Redis that is there and refuses: for want of rights, of the right password, or of room for one
// more client. What is wrong at the start is said; while a service runs it is an outage.

#include "adapters/job_store/redis/redis_job_store.hpp"
#include "adapters/redis/connection/redis_sender.hpp"
#include "adapters/redis/redis_rights.hpp"
#include "adapters/redis/redis_script.hpp"
#include "tests/integration/job_store/conformance/driver.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/servers/redis/redis_cluster.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <string>
#include <vector>

namespace stayler::adapters {

namespace {

using conformance::driver;
using conformance::lease_time;
using test::redis_process;
using test::tell_redis;

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

redis_options reach(const redis_process& server, const std::string& login = "") {
  auto options = parse_redis_url("redis://" + login + "127.0.0.1:" + std::to_string(server.port()));
  REQUIRE(options);
  options->command_timeout = milliseconds{500};
  return *std::move(options);
}

result<std::unique_ptr<job_store>> open_store(redis_options server) {
  return open_redis_job_store(
      {std::move(server), "stayler", redis_job_store_options::time_source::caller}
  );
}

/// The line of the documentation that gives the service's user its rights.
std::string documented_user() {
  const auto docs = std::filesystem::path{STAYLER_ASSETS}.parent_path() / "docs/deployment.md";
  std::ifstream file{docs};
  for (std::string line; std::getline(file, line);) {
    const auto begin = line.find("user stayler ");
    if (begin != std::string::npos && begin == line.find_first_not_of(' ')) {
      return line.substr(begin);
    }
  }
  FAIL("docs/deployment.md has no line for the user");
  return {};
}

/// A server with users of a file, as an operator writes it.
class acl_server {
 public:
  explicit acl_server(const std::string& user) {
    std::ofstream{file()} << user << "\nuser default on nopass ~* &* +@all\n";
    server_ =
        std::make_unique<redis_process>(std::vector<std::string>{"--aclfile", file().string()});
  }
  [[nodiscard]] redis_process& server() { return *server_; }

 private:
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "users.acl"; }

  test::temporary_folder folder_;
  std::unique_ptr<redis_process> server_;
};

/// Whether all that a queue does works for this user.
void check_works(result<std::unique_ptr<job_store>> opened) {
  INFO((opened ? "" : opened.error().message));
  REQUIRE(opened);
  driver d{std::move(*opened)};
  const job added = d.add();
  CHECK_FALSE(d.one(store_op::pause{{.until = d.now + milliseconds{9'000}}}).error);
  CHECK_FALSE(d.one(store_op::resume{job_type::image_conversion}).error);
  const job claimed = d.claim_one();
  CHECK(claimed.id == added.id);
  CHECK_FALSE(d.one(store_op::complete{current_attempt(claimed), {}}).error);
  CHECK_FALSE(d.one(store_op::verify_indexes{}).error);
  CHECK_FALSE(d.one(store_op::purge{lease_time, lease_time}).error);
  CHECK(d.store->find(added.id));
  CHECK(d.store->list({}));
  CHECK(d.store->waiting());
}

void check_becomes(const std::function<bool()>& holds_now) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!holds_now()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
}

/// Connections that take all the room there is.
std::vector<redis_connection> fill(const redis_process& server) {
  std::vector<redis_connection> taken;
  for (;;) {
    auto made = redis_connection::open(reach(server));
    if (!made) {
      CHECK(made.error().kind == error_class::unavailable);
      CHECK(mentions(made.error().message, "max number of clients"));
      return taken;
    }
    taken.push_back(std::move(*made));
  }
}

}  // namespace

TEST_CASE("the documented rights are enough, and leave nothing unknown") {
  acl_server acl{documented_user()};
  const test::captured_stderr said;
  check_works(open_store(reach(acl.server(), "stayler:PASSWORD@")));
  CHECK(said.text().empty());
}

TEST_CASE("a user without the dangerous commands is enough; what it cannot find out is warned of") {
  acl_server acl{"user stayler on >PASSWORD ~{stayler}* &{stayler}* +@all -@dangerous"};
  const test::captured_stderr said;
  check_works(open_store(reach(acl.server(), "stayler:PASSWORD@")));
  CHECK(said.lines().size() == 1);
  CHECK(mentions(said.text(), "maxmemory-policy"));
}

TEST_CASE("a user who lacks rights is told which, in one line") {
  const auto refusal = [](const std::string& rights) {
    acl_server acl{"user stayler on >PASSWORD " + rights};
    const auto opened = open_store(reach(acl.server(), "stayler:PASSWORD@"));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == error_class::permission);
    return opened.error().message;
  };
  CHECK(mentions(
      refusal("~{stayler}* &{stayler}* +@all -@dangerous -xadd -zmscore"), ": zmscore, xadd; "
  ));
  CHECK(mentions(refusal("~{stayler}* &{other}* +@all -@dangerous"), ": publish, subscribe; "));
  CHECK(mentions(refusal("~{other}* &{stayler}* +@all"), "evalsha, del, exists, get, hdel and "));
  CHECK(mentions(refusal("~{stayler}* &{stayler}* +@all -discard"), ": discard; "));
}

TEST_CASE("nothing is done to a queue by asking what its user may do") {
  const redis_process server;
  auto connection = redis_connection::open(reach(server));
  REQUIRE(connection);
  const auto report = check_rights(*connection, "{stayler}");
  REQUIRE(report);
  CHECK(report->is_known);
  CHECK(report->missing.empty());
  CHECK(connection->command({"DBSIZE"})->value().number() == 0);
}

TEST_CASE("what a service may no longer do while it runs is an outage, which ends") {
  acl_server acl{"user stayler on >PASSWORD ~{stayler}* &{stayler}* +@all -@dangerous"};
  auto opened = open_store(reach(acl.server(), "stayler:PASSWORD@"));
  REQUIRE(opened);
  driver d{std::move(*opened)};
  const std::uint16_t port = acl.server().port();
  SECTION("a right of the script's") {
    tell_redis(port, {"ACL", "SETUSER", "stayler", "-hset"});
    const auto refused = d.one(store_op::enqueue{d.new_job()});
    CHECK(refused.error.kind == error_class::unavailable);
    CHECK(mentions(refused.error.message, "hset"));
    tell_redis(port, {"ACL", "SETUSER", "stayler", "+hset"});
  }
  SECTION("the password") {
    tell_redis(port, {"ACL", "SETUSER", "stayler", "resetpass", ">other"});
    tell_redis(port, {"CLIENT", "KILL", "USER", "stayler"});
    check_becomes([&] {
      const auto refused = d.one(store_op::enqueue{d.new_job()});
      CHECK(refused.error.kind == error_class::unavailable);
      return mentions(refused.error.message, "WRONGPASS");
    });
    tell_redis(port, {"ACL", "SETUSER", "stayler", ">PASSWORD"});
  }
  check_becomes([&] { return !d.one(store_op::enqueue{d.new_job()}).error; });
}

TEST_CASE("a Redis without room for one more client is waited for") {
  const redis_process server{{"--maxclients", "12"}};
  std::vector<redis_connection> taken = fill(server);
  auto opened = open_store(reach(server));
  REQUIRE(opened);
  driver d{std::move(*opened)};
  const auto refused = d.one(store_op::enqueue{d.new_job()});
  CHECK(refused.error.kind == error_class::unavailable);
  CHECK(mentions(refused.error.message, "max number of clients"));
  taken.clear();
  check_becomes([&] { return !d.one(store_op::enqueue{d.new_job()}).error; });
}

TEST_CASE("a sender whose command is refused for the moment says so after a pause") {
  const redis_process server;
  // Redis takes no writes where a replica is missing.
  tell_redis(server.port(), {"CONFIG", "SET", "min-replicas-to-write", "1"});
  redis_sender sender{reach(server), "{stayler}"};
  const auto send = [&] {
    std::promise<void_result> outcome;
    sender.send({{"XADD", "{stayler}:events", "*", "f", "v"}}, [&](void_result told) {
      outcome.set_value(std::move(told));
    });
    return outcome.get_future().get();
  };
  const auto begun = std::chrono::steady_clock::now();
  const auto refused = send();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK(std::chrono::steady_clock::now() - begun >= milliseconds{400});
  tell_redis(server.port(), {"CONFIG", "SET", "min-replicas-to-write", "0"});
  CHECK(send());
}

TEST_CASE("a database that a server does not have is refused, and so is a wrong password") {
  const redis_process server{{"--requirepass", "right"}};
  auto options = reach(server, ":right@");
  options.database = 99;
  CHECK(redis_connection::open(options).error().kind == error_class::invalid_input);
  options = reach(server, ":wrong@");
  CHECK(redis_connection::open(options).error().kind == error_class::authentication);
  CHECK(redis_connection::open(reach(server)).error().kind == error_class::authentication);
}

}  // namespace stayler::adapters
