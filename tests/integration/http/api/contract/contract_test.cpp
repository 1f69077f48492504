// SPDX-License-Identifier: MIT

// The contract, http/openapi.yaml, beside the router and the table of access: each names what the
// others name.

#include "http/api/access/access.hpp"
#include "tests/integration/http/api/contract/contract_file.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <set>
#include <string>

using namespace stayler;
using namespace stayler::test;

namespace {

std::string role_of(const http::access& rule) {
  return rule.is_open ? "none" : std::string{to_string(rule.role)};
}

std::string users_of(http::access_scope scope) {
  switch (scope) {
    case http::access_scope::nothing:
      return "any";
    case http::access_scope::all_users:
      return "all";
    case http::access_scope::one_user:
      return "named";
    default:
      return "own";
  }
}

}  // namespace

TEST_CASE(
    "the contract has an operation for each route, and a route for each operation", "[api_contract]"
) {
  service running;
  std::multiset<std::string> routed;
  for (const auto& route : running.routes()) {
    routed.insert(route.method + " " + route.pattern);
  }
  std::multiset<std::string> promised;
  for (const auto& operation : contract_operations()) {
    promised.insert(operation.method + " " + operation.route);
  }
  CHECK(promised == routed);
  CHECK(promised.size() > 30);
}

TEST_CASE("the contract names the role that each route takes, and its users", "[api_contract]") {
  for (const auto& operation : contract_operations()) {
    INFO(operation.method << ' ' << operation.route);
    const auto rule = http::access_of(operation.method, operation.route);
    CHECK(operation.role == role_of(rule));
    CHECK(operation.users == users_of(rule.scope));
    CHECK(operation.needs_key == !rule.is_open);
  }
}

TEST_CASE("GET /openapi.yaml is the contract, and needs no key", "[api_contract]") {
  service running{true, "v:viewer:" + std::string(64, 'a')};
  const auto answer = running.ask("GET", "/openapi.yaml");
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("content-type") == "application/yaml");
  CHECK(answer.body == read_contract());
  const auto head = running.ask("HEAD", "/openapi.yaml");
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == answer.headers.at("content-length"));
}

TEST_CASE("who has the contract already is spared it", "[api_contract]") {
  service running;
  const auto tag = running.ask("GET", "/openapi.yaml").headers.at("etag");
  const auto known = running.ask("GET", "/openapi.yaml", "", "If-None-Match: " + tag + "\r\n");
  CHECK(known.status == 304);
  CHECK(known.headers.at("etag") == tag);
  CHECK(running.ask("GET", "/openapi.yaml", "", "If-None-Match: \"other\"\r\n").status == 200);
}
