// SPDX-License-Identifier: MIT

// Which endpoint a request reaches, and what the observer learns of it.

#include "http/api/router.hpp"

#include "tests/support/catch.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace stayler;

namespace {

/// Keeps the answer that it is sent.
struct kept_answer final : http::responder {
  http::response last;
  int count = 0;
  void send(http::response answer) override {
    last = std::move(answer);
    ++count;
  }
};

http::request make_request(const std::string& method, const std::string& path) {
  http::request made;
  made.method = method;
  made.path = path;
  made.request_id = "request-1";
  made.remote_address = "127.0.0.1";
  return made;
}

}  // namespace

TEST_CASE("the router knows paths, methods and what stands for the id", "[router]") {
  http::router routes;
  std::string seen;
  const auto answer = [&seen](const http::exchange_ptr& exchange) {
    seen = exchange->request.method + " " + exchange->id;
    exchange->send(http::make_json(200, "{}"));
  };
  routes.add("GET", "/things", answer);
  routes.add("GET", "/things/{id}", answer);
  routes.add("DELETE", "/things/{id}", answer);
  routes.add("POST", "/things/{id}/go", answer);
  std::vector<std::string> observed;
  routes.observe([&](const http::exchange_report& done) {
    observed.push_back(done.method + " " + done.route + " " + std::to_string(done.status));
  });
  const auto ask = [&](const std::string& method, const std::string& path) {
    const auto responder = std::make_shared<kept_answer>();
    routes.dispatch(make_request(method, path), responder);
    REQUIRE(responder->count == 1);
    return responder->last;
  };
  CHECK(ask("GET", "/things").status == 200);
  CHECK(observed.back() == "GET /things 200");
  CHECK(ask("HEAD", "/things/7").status == 200);
  CHECK(observed.back() == "HEAD /things/{id} 200");
  CHECK(seen == "HEAD 7");
  CHECK(ask("POST", "/things/7/go").status == 200);
  CHECK(observed.back() == "POST /things/{id}/go 200");
  for (const auto* missing : {"/", "/things/", "/things/7/", "/things/7/8/go", "/things//go"}) {
    INFO(missing);
    CHECK(ask("GET", missing).status == 404);
  }
  const auto refusal = ask("PUT", "/things/7");
  CHECK(refusal.status == 405);
  CHECK(
      refusal.headers.back() == std::pair<std::string, std::string>{"Allow", "GET, HEAD, DELETE"}
  );
  CHECK(observed.back() == "PUT none 405");
}

TEST_CASE("the router reports each request once, what was dropped as a 500", "[router]") {
  http::router routes;
  routes.add("POST", "/things", [](const http::exchange_ptr& exchange) {
    exchange->responder->set_target("7");
    exchange->send(http::make_json(201, "{}"));
    exchange->send(http::make_json(200, "{}"));
  });
  routes.add("DELETE", "/things/{id}", [](const http::exchange_ptr&) {});
  std::vector<http::exchange_report> reports;
  routes.observe([&reports](const http::exchange_report& done) { reports.push_back(done); });
  for (const auto& [method, path] : {std::pair{"POST", "/things"}, {"DELETE", "/things/8"}}) {
    routes.dispatch(make_request(method, path), std::make_shared<kept_answer>());
  }
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].status == 201);
  CHECK(reports[0].target == "7");
  CHECK(reports[1].status == 500);
  CHECK(reports[1].method == "DELETE");
  CHECK(reports[1].route == "/things/{id}");
  CHECK(reports[1].target == "8");
  CHECK(reports[1].request_id == "request-1");
  CHECK(reports[1].remote_address == "127.0.0.1");
}

TEST_CASE("what the authorizer turns away reaches no endpoint, and is reported", "[router]") {
  http::router routes;
  routes.add("GET", "/things/{id}", [](const http::exchange_ptr&) { FAIL("it was reached"); });
  routes.authorize_with([](const http::request&, std::string_view route) {
    http::access_decision refused;
    refused.caller.key = "front";
    refused.refusal = http::make_problem(route == "/things/{id}" ? 403 : 401, "No", "no");
    return refused;
  });
  std::vector<http::exchange_report> reports;
  routes.observe([&reports](const http::exchange_report& done) { reports.push_back(done); });
  for (const auto& [path, status] : {std::pair{"/things/8", 403U}, {"/nothing", 401U}}) {
    const auto responder = std::make_shared<kept_answer>();
    routes.dispatch(make_request("GET", path), responder);
    CHECK(responder->last.status == status);
    CHECK(reports.back().status == status);
    CHECK(reports.back().key == "front");
  }
  CHECK(reports.front().target == "8");
  CHECK(reports.back().route == http::no_route);
}

TEST_CASE("headers of the access decision are on the answer, whoever gives it", "[router]") {
  http::router routes;
  routes.add("GET", "/things", [](const http::exchange_ptr& exchange) {
    exchange->send(http::make_json(200, "{}"));
  });
  routes.add("POST", "/things", [](const http::exchange_ptr& exchange) {
    exchange->responder->set_headers({{"Left", "0"}});
    exchange->send(http::make_json(200, "{}"));
  });
  routes.authorize_with([](const http::request& req, std::string_view) {
    http::access_decision made;
    made.headers = {{"Left", "7"}};
    if (req.method == "DELETE") {
      made.refusal = http::make_problem(429, "Too Many Requests", "no");
    }
    return made;
  });
  for (const auto& [method, left] :
       {std::pair{"GET", "7"}, {"POST", "0"}, {"DELETE", "7"}, {"PUT", "7"}}) {
    INFO(method);
    const auto responder = std::make_shared<kept_answer>();
    routes.dispatch(make_request(method, "/things"), responder);
    CHECK(responder->last.headers.back() == std::pair<std::string, std::string>{"Left", left});
  }
}

TEST_CASE("a target that a caller has made long is reported by its beginning", "[router]") {
  http::router routes;
  std::string whole;
  routes.add("DELETE", "/things/{id}", [&whole](const http::exchange_ptr& exchange) {
    whole = exchange->id;
    exchange->send(http::make_json(404, "{}"));
  });
  std::string reported;
  routes.observe([&reported](const http::exchange_report& done) { reported = done.target; });
  const std::string id(15'000, 'x');
  routes.dispatch(make_request("DELETE", "/things/" + id), std::make_shared<kept_answer>());
  CHECK(whole == id);
  CHECK(reported == std::string(128, 'x') + "...");
}
