// SPDX-License-Identifier: MIT
#include "adapters/redis/connection/redis_reply.hpp"

#include "adapters/redis/cluster/redis_cluster.hpp"
#include "tests/support/catch.hpp"

#include <hiredis/hiredis.h>

#include <memory>
#include <string>
#include <vector>

namespace stayler::adapters {

namespace {

/// An answer as a server writes it.
redis_reply answer(const std::string& written) {
  const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader{
      redisReaderCreate(), redisReaderFree};
  REQUIRE(redisReaderFeed(reader.get(), written.data(), written.size()) == REDIS_OK);
  void* reply = nullptr;
  REQUIRE(redisReaderGetReply(reader.get(), &reply) == REDIS_OK);
  REQUIRE(reply != nullptr);
  return redis_reply{static_cast<redisReply*>(reply)};
}

redis_reply error(const std::string& text) {
  return answer("-" + text + "\r\n");
}

error_class class_of(const std::string& text) {
  return to_failure(error(text).value()).kind;
}

std::optional<redis_address> redirection(const std::string& text) {
  return redirection_in(error(text).value(), "here");
}

}  // namespace

TEST_CASE("what a server says of its state, its room and its users is an outage") {
  for (const std::string text :
       {"LOADING Redis is loading the dataset in memory",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "READONLY You can't write against a read only replica.", "CLUSTERDOWN The cluster is down",
        "TRYAGAIN Multiple keys request during rehashing of slot", "ASK 3999 127.0.0.1:6381",
        "MOVED 3999 127.0.0.1:6381",
        "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist",
        "NOREPLICAS Not enough good replicas to write.", "BUSY Redis is busy running a script.",
        "UNBLOCKED force unblock from blocking operation",
        "WRONGPASS invalid username-password pair or user is disabled.",
        "NOAUTH Authentication required.",
        "NOPERM this user has no permissions to run the 'evalsha' command",
        "NOSCRIPT No matching script.", "SOMETHINGNEW of another product"}) {
    INFO(text);
    CHECK(class_of(text) == error_class::unavailable);
    CHECK(is_retryable(class_of(text)));
  }
  CHECK(
      class_of("OOM command not allowed when used memory > 'maxmemory'.") == error_class::store_full
  );
}

TEST_CASE("what says that our command is wrong is a bug") {
  for (const std::string text :
       {"ERR wrong number of arguments for 'get' command", "CROSSSLOT Keys in request don't hash",
        "WRONGTYPE Operation against a key holding the wrong kind of value"}) {
    INFO(text);
    CHECK(class_of(text) == error_class::internal_bug);
  }
}

TEST_CASE("the code of a script's command is found inside the text of an older server") {
  const auto said = error(
      "ERR Error running script (call to f_6fb): @user_script:12: @user_script: 12: -READONLY You "
      "can't write against a read only replica."
  );
  CHECK(said.value().code() == "READONLY");
  CHECK(leads_elsewhere(said.value()));
  CHECK(error("ERR Error running script: @user_script:1: oh -no").value().code() == "ERR");
}

TEST_CASE("a redirection names the node, without its host where it is this one's") {
  CHECK(redirection("MOVED 3999 127.0.0.1:6381") == redis_address{"127.0.0.1", 6381});
  CHECK(redirection("MOVED 3999 node-2.example:6381") == redis_address{"node-2.example", 6381});
  CHECK(redirection("MOVED 3999 2001:db8::1:6381") == redis_address{"2001:db8::1", 6381});
  CHECK(redirection("MOVED 3999 :6381") == redis_address{"here", 6381});
  CHECK_FALSE(redirection("MOVED 3999 127.0.0.1:0"));
  CHECK_FALSE(redirection("MOVED"));
  CHECK_FALSE(redirection("ASK 3999 127.0.0.1:6381"));
  CHECK_FALSE(redirection_in(answer("+MOVED 1 a:2\r\n").value(), "here"));
}

TEST_CASE("the nodes of a cluster are those that have slots, each once") {
  const auto slots = answer(
      "*2\r\n*4\r\n:0\r\n:9\r\n*3\r\n$1\r\na\r\n:1\r\n$1\r\nx\r\n*3\r\n$1\r\nb\r\n:2\r\n$1\r\ny\r\n"
      "*3\r\n:10\r\n:20\r\n*4\r\n$-1\r\n:3\r\n$1\r\nz\r\n*0\r\n"
  );
  CHECK(
      nodes_in(slots.value(), "here") == std::vector<redis_address>{{"a", 1}, {"b", 2}, {"here", 3}}
  );
  CHECK(nodes_in(error("ERR This instance has cluster support disabled").value(), "here").empty());
}

}  // namespace stayler::adapters
