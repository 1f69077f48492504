// SPDX-License-Identifier: MIT

// Who may do what with the API: by key, by role, by user, and how often.

#include "http/api/access/authorizer.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace stayler;
using namespace std::chrono_literals;
using adapters::parse_caller_keys;

namespace {

// printf '%s' alpha | sha256sum, and so on
const std::string hash_of_alpha =
    "8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8";
const std::string hash_of_beta = "f44e64e75f3948e9f73f8dfa94721c4ce8cbb4f265c4790c702b2d41cfbf2753";

const http::authorizer::time_point start{1h};

http::authorizer make_authorizer(const std::string& keys, http::rate_rule rule = {0, 1}) {
  return http::authorizer{parse_caller_keys(keys).value(), rule};
}

http::request request_of(
    const std::string& method, const std::string& header = "", const std::string& value = ""
) {
  http::request req;
  req.method = method;
  req.remote_address = "192.0.2.7";
  if (!header.empty()) {
    req.headers.emplace_back(header, value);
  }
  return req;
}

unsigned status_of(const http::access_decision& made) {
  return made.refusal ? made.refusal->status : 200;
}

std::string header_of(const http::response& answer, const std::string& name) {
  for (const auto& [each, value] : answer.headers) {
    if (each == name) {
      return value;
    }
  }
  return {};
}

}  // namespace

TEST_CASE("a call without a known key is a 401 that says how to show one", "[authorizer]") {
  auto authorizer = make_authorizer("a:viewer:" + hash_of_alpha);
  const auto none = authorizer.admit(request_of("GET"), "/worker/status", start);
  REQUIRE(status_of(none) == 401);
  CHECK(header_of(*none.refusal, "WWW-Authenticate") == R"(Bearer realm="stayler-worker")");
  CHECK(header_of(*none.refusal, "Content-Type") == "application/problem+json");
  const auto wrong =
      authorizer.admit(request_of("GET", "x-api-key", "gamma"), "/worker/status", start);
  REQUIRE(status_of(wrong) == 401);
  CHECK(
      header_of(*wrong.refusal, "WWW-Authenticate")
      == R"(Bearer realm="stayler-worker", error="invalid_token")"
  );
  CHECK(wrong.refusal->body.find("gamma") == std::string::npos);
  CHECK(
      status_of(
          authorizer.admit(request_of("GET", "authorization", "Basic alpha"), "/metrics", start)
      )
      == 401
  );
}

TEST_CASE("a key may be shown in either header, the scheme in any case", "[authorizer]") {
  auto authorizer = make_authorizer("a:viewer:" + hash_of_alpha);
  for (const auto& [header, value] : std::vector<std::pair<std::string, std::string>>{
           {"authorization", "Bearer alpha"},
           {"authorization", "bEARER  alpha"},
           {"x-api-key", "alpha"}}) {
    INFO(value);
    const auto req = request_of("GET", header, value);
    CHECK(authorizer.knows(req));
    const auto made = authorizer.admit(req, "/metrics", start);
    CHECK(status_of(made) == 200);
    CHECK(made.caller.key == "a");
  }
  CHECK_FALSE(authorizer.knows(request_of("GET", "authorization", "Bearer")));
  CHECK_FALSE(authorizer.knows(request_of("GET")));
}

TEST_CASE("each role may do what it is for, and is told which one it lacks", "[authorizer]") {
  auto authorizer = make_authorizer(
      "v:viewer:" + hash_of_alpha + ",s:submitter:" + hash_of_beta
      + ",o:admin:" + "be9d587d0a1c9d8cd8eb0fb8fe0c5f7f5f2ee4b9f5f6ccdc4bd7c5a9f2f1e2a0"
  );
  const auto status = [&](const char* method, const char* route, const char* key) {
    return status_of(authorizer.admit(request_of(method, "x-api-key", key), route, start));
  };
  CHECK(status("GET", "/worker/jobs", "alpha") == 200);
  CHECK(status("HEAD", "/worker/jobs", "alpha") == 200);
  CHECK(status("POST", "/worker/jobs", "alpha") == 403);
  CHECK(status("POST", "/worker/jobs", "beta") == 200);
  CHECK(status("POST", "/images", "beta") == 200);
  CHECK(status("DELETE", "/worker/jobs/{id}", "beta") == 200);
  for (const auto& [method, route] : std::vector<std::pair<const char*, const char*>>{
           {"POST", "/worker/stop"},
           {"PUT", "/worker/config"},
           {"POST", "/worker/types/{id}/pause"},
           {"POST", "/worker/chaos/fault"},
           {"DELETE", "/worker/dead-letters/{id}"},
           {"POST", "/a/route/of/tomorrow"}}) {
    INFO(route);
    CHECK(status(method, route, "beta") == 403);
  }
  const auto refused =
      authorizer.admit(request_of("POST", "x-api-key", "alpha"), "/worker/jobs", start);
  CHECK(refused.refusal->body.find("role submitter") != std::string::npos);
}

TEST_CASE("the configuration is for admins to see", "[authorizer]") {
  auto authorizer = make_authorizer("v:viewer:" + hash_of_alpha + ",a:admin:" + hash_of_beta);
  const auto look = [&](const char* key) {
    return status_of(authorizer.admit(request_of("GET", "x-api-key", key), "/worker/config", start)
    );
  };
  CHECK(look("alpha") == 403);
  CHECK(look("beta") == 200);
}

TEST_CASE("an answer says how much of its key's rate is left", "[authorizer]") {
  auto authorizer = make_authorizer("a:viewer:" + hash_of_alpha, {1, 3});
  const auto req = request_of("GET", "x-api-key", "alpha");
  const auto made = authorizer.admit(req, "/metrics", start);
  CHECK(
      made.headers
      == http::header_list{
          {"RateLimit-Limit", "3"}, {"RateLimit-Remaining", "2"}, {"RateLimit-Reset", "1"}}
  );
  CHECK(
      authorizer.charge(made.caller, 5, start)
      == http::header_list{
          {"RateLimit-Limit", "3"}, {"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "6"}}
  );
  const auto refused = authorizer.admit(req, "/metrics", start);
  REQUIRE(status_of(refused) == 429);
  CHECK(refused.headers.at(1).second == "0");
  CHECK(authorizer.admit(req, "/health", start).headers.empty());
  CHECK(authorizer.admit(request_of("GET"), "/metrics", start).headers.empty());
  CHECK(make_authorizer("a:viewer:" + hash_of_alpha).admit(req, "/metrics", start).headers.empty());
}

TEST_CASE("a key with a rate of its own has that instead of the usual one", "[authorizer]") {
  auto authorizer =
      make_authorizer("a:viewer:" + hash_of_alpha + ":rate=1/4,b:viewer:" + hash_of_beta, {1, 2});
  const auto taken = [&](const char* key) {
    int count = 0;
    while (status_of(authorizer.admit(request_of("GET", "x-api-key", key), "/metrics", start))
           == 200) {
      ++count;
    }
    return count;
  };
  CHECK(taken("alpha") == 4);
  CHECK(taken("beta") == 2);
}

TEST_CASE("strangers from everywhere take no key's bucket", "[authorizer]") {
  auto authorizer = make_authorizer("a:viewer:" + hash_of_alpha, {0.01, 1});
  for (int i = 0; i < 11'000; ++i) {
    auto req = request_of("GET");
    req.remote_address = std::to_string(i);
    static_cast<void>(authorizer.admit(req, "/metrics", start));
  }
  CHECK(
      status_of(authorizer.admit(request_of("GET", "x-api-key", "alpha"), "/metrics", start)) == 200
  );
}

TEST_CASE("keys that are replaced count at once, and those that are gone no more", "[authorizer]") {
  auto authorizer = make_authorizer("a:viewer:" + hash_of_alpha + ",b:viewer:" + hash_of_beta);
  const auto alpha = request_of("GET", "x-api-key", "alpha");
  const auto beta = request_of("GET", "x-api-key", "beta");
  const auto before = authorizer.admit(beta, "/metrics", start).caller;
  int wakes = 0;
  const auto handle = before.validity->on_revocation([&wakes] { ++wakes; });

  const auto changes = authorizer.replace_keys(
      parse_caller_keys("a:admin:" + hash_of_alpha + ",c:viewer:" + std::string(64, '1')).value()
  );
  CHECK(changes.added == std::vector<std::string>{"c"});
  CHECK(changes.removed == std::vector<std::string>{"b"});
  CHECK(changes.changed == std::vector<std::string>{"a"});
  CHECK(status_of(authorizer.admit(beta, "/metrics", start)) == 401);
  CHECK_FALSE(authorizer.knows(beta));
  CHECK(authorizer.admit(alpha, "/metrics", start).caller.role == adapters::caller_role::admin);
  CHECK(before.validity->is_revoked());
  CHECK(wakes == 1);
}

TEST_CASE("a key that stays keeps what it has left, and is not revoked", "[authorizer]") {
  const auto keys = "a:viewer:" + hash_of_alpha;
  auto authorizer = make_authorizer(keys, {0.001, 1});
  const auto req = request_of("GET", "x-api-key", "alpha");
  const auto made = authorizer.admit(req, "/metrics", start);
  CHECK(authorizer.replace_keys(parse_caller_keys(keys).value()).is_empty());
  CHECK_FALSE(made.caller.validity->is_revoked());
  CHECK(status_of(authorizer.admit(req, "/metrics", start)) == 429);
}

TEST_CASE("probes take no key", "[authorizer]") {
  auto authorizer = make_authorizer("a:viewer:" + hash_of_alpha, {1, 1});
  for (int i = 0; i < 5; ++i) {
    CHECK(status_of(authorizer.admit(request_of("GET"), "/health/ready", start)) == 200);
  }
  CHECK(status_of(authorizer.admit(request_of("GET"), "/metrics", start)) == 401);
}

TEST_CASE("a key that names users opens only routes that can keep to them", "[authorizer]") {
  auto authorizer = make_authorizer("s:admin:" + hash_of_alpha + ":ann");
  const auto status = [&](const char* method, const char* route) {
    return status_of(authorizer.admit(request_of(method, "x-api-key", "alpha"), route, start));
  };
  CHECK(status("GET", "/worker/jobs/{id}") == 200);
  CHECK(status("GET", "/worker/status") == 200);
  CHECK(status("GET", "/worker/costs") == 403);
  CHECK(status("GET", "/worker/config") == 403);
  CHECK(status("GET", "/a/route/of/tomorrow") == 403);
  CHECK(http::access_of("GET", "/worker/jobs/{id}").scope == http::access_scope::one_job);
}

TEST_CASE(
    "a stranger that calls too often is a 429, and takes no key down with it", "[authorizer]"
) {
  auto authorizer = make_authorizer("a:viewer:" + hash_of_alpha, {1, 20});
  const auto wrong = request_of("GET", "x-api-key", "gamma");
  // Each wrong key costs ten calls; the last one may leave a debt.
  CHECK(status_of(authorizer.admit(wrong, "/metrics", start)) == 401);
  CHECK(status_of(authorizer.admit(wrong, "/metrics", start)) == 401);
  const auto refused = authorizer.admit(wrong, "/metrics", start);
  REQUIRE(status_of(refused) == 429);
  CHECK(header_of(*refused.refusal, "Retry-After") == "1");
  CHECK(status_of(authorizer.admit(request_of("GET"), "/metrics", start)) == 429);
  CHECK(
      status_of(authorizer.admit(request_of("GET", "x-api-key", "alpha"), "/metrics", start)) == 200
  );
  CHECK(status_of(authorizer.admit(request_of("GET"), "/metrics", start + 1s)) == 401);
}

TEST_CASE("a key that calls too often is told when to come again", "[authorizer]") {
  auto authorizer =
      make_authorizer("a:viewer:" + hash_of_alpha + ",b:viewer:" + hash_of_beta, {0.5, 2});
  const auto req = request_of("GET", "x-api-key", "alpha");
  CHECK(status_of(authorizer.admit(req, "/metrics", start)) == 200);
  CHECK(status_of(authorizer.admit(req, "/metrics", start)) == 200);
  const auto refused = authorizer.admit(req, "/metrics", start);
  REQUIRE(status_of(refused) == 429);
  CHECK(header_of(*refused.refusal, "Retry-After") == "2");
  CHECK(refused.caller.key == "a");
  CHECK(
      status_of(authorizer.admit(request_of("GET", "x-api-key", "beta"), "/metrics", start)) == 200
  );
  CHECK(status_of(authorizer.admit(req, "/metrics", start + 2s)) == 200);
}
