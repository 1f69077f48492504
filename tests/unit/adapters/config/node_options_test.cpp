// SPDX-License-Identifier: MIT

// Proves what each role needs, that there is no way to a link without TLS, and the short flags.

#include "tests/unit/adapters/config/config_fixture.hpp"

using namespace stayler;
using namespace stayler::test;

namespace {

std::map<std::string, std::string> with_files(std::map<std::string, std::string> variables) {
  variables["NODE_TLS_CERTIFICATE"] = "c.pem";
  variables["NODE_TLS_KEY"] = "k.pem";
  variables["NODE_TLS_CA"] = "ca.pem";
  return variables;
}

}  // namespace

TEST_CASE("a worker needs a coordinator, and a coordinator a place for workers") {
  CHECK(contains(only_problem(load({"--role=worker"})), "a worker needs NODE_JOIN"));
  CHECK(contains(only_problem(load({"--role", "coordinator"})), "a coordinator needs NODE_LISTEN"));
  CHECK(load({"--role=worker", "--join=a:1"}, with_files({})).problems.empty());
  CHECK(load({"--role=coordinator", "--node-listen=[::1]:0"}, with_files({})).problems.empty());
}

TEST_CASE("a service with workers of its own may take nodes in, too") {
  const auto both = load({}, with_files({{"NODE_LISTEN", "10.0.0.1:7000"}}));
  REQUIRE(both.problems.empty());
  CHECK(both.effective.role == "all");
  CHECK(both.effective.node_listen == "10.0.0.1:7000");
}

TEST_CASE("nobody listens or joins without certificate, key and authority") {
  for (const std::string missing : {"NODE_TLS_CERTIFICATE", "NODE_TLS_KEY", "NODE_TLS_CA"}) {
    INFO(missing);
    auto variables = with_files({{"NODE_LISTEN", "127.0.0.1:0"}});
    variables.erase(missing);
    CHECK(contains(only_problem(load({}, variables)), "there is no link without TLS"));
    variables.erase("NODE_LISTEN");
    CHECK(contains(
        only_problem(load({"--role=worker", "--join=a:1"}, variables)),
        "there is no link without TLS"
    ));
  }
}

TEST_CASE("who does not join has no coordinators, and a worker takes no nodes in") {
  CHECK(contains(only_problem(load({"--join=a:1"}, with_files({}))), "only a worker joins"));
  CHECK(contains(
      only_problem(
          load({"--role=worker", "--join=a:1"}, with_files({{"NODE_LISTEN", "127.0.0.1:0"}}))
      ),
      "a worker takes in no nodes"
  ));
}

TEST_CASE("each --join adds a coordinator, and together they go before the environment") {
  const auto from_flags = load(
      {"--role=worker", "--join", "a:1", "--join=b:2", "--node-join=c:3"},
      with_files({{"NODE_JOIN", "d:4"}})
  );
  REQUIRE(from_flags.problems.empty());
  CHECK(from_flags.effective.node_join == "a:1,b:2,c:3");
}

TEST_CASE("what names nodes and coordinators is checked as it is read") {
  CHECK(contains(only_problem(load({"--join=a"})), "HOST:PORT"));
  CHECK(contains(only_problem(load({"--node-listen=localhost:1"})), "a numeric IP address"));
  CHECK(contains(only_problem(load({"--node-name=a/b"})), "letters, digits"));
  CHECK(contains(only_problem(load({"--role=master"})), "all, coordinator or worker"));
}
