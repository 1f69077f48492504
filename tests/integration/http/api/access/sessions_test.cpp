// SPDX-License-Identifier: MIT

// Proves that a browser can sign in with a key, and that no other page gains by it.

#include "adapters/checksum/checksum.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <span>
#include <string>

using namespace stayler;
using namespace stayler::test;

namespace {

/// The keys "view", "mine" (of the user u1) and "root".
std::string session_keys() {
  const auto hash = [](std::string_view key) {
    return adapters::sha256_hex(std::as_bytes(std::span{key}));
  };
  return "v:viewer:" + hash("view") + ",m:submitter:" + hash("mine")
         + ":u1,r:admin:" + hash("root");
}

std::string bearing(const std::string& key) {
  return "Authorization: Bearer " + key + "\r\n";
}

/// What a browser sends besides: the cookie, and that the service's own page calls.
std::string signed_in(service& running, const std::string& key) {
  const auto answer = running.ask("POST", "/worker/session", "", bearing(key));
  REQUIRE(answer.status == 201);
  const auto& cookie = answer.headers.at("set-cookie");
  CHECK(cookie.find("; HttpOnly; SameSite=Strict") != std::string::npos);
  CHECK(cookie.find(key) == std::string::npos);
  return "Cookie: theme=dark; " + cookie.substr(0, cookie.find(';')) + "\r\n";
}

const std::string own_page = "Sec-Fetch-Site: same-origin\r\nX-CSRF: 1\r\n";

bool flag_at(const adapters::json_value& from, std::string_view name) {
  return *from.find(name)->as<bool>();
}

}  // namespace

TEST_CASE(
    "without keys everybody is signed in, and there is nothing to sign in to", "[api_session]"
) {
  service running;
  const auto session = json_of(running.ask("GET", "/worker/session"));
  CHECK(flag_at(session, "signedIn"));
  CHECK_FALSE(flag_at(session, "keyNeeded"));
  CHECK(text_at(session, "role") == "admin");
  CHECK(text_at(session, "version") == "1.2.3");
  CHECK(text_at(session, "instance") == "here");
  problem_of(running.ask("POST", "/worker/session"), 409, "conflict");
}

TEST_CASE("a stranger learns that a key is needed, and not which version runs", "[api_session]") {
  service running{true, session_keys()};
  const auto answer = running.ask("GET", "/worker/session");
  CHECK(answer.status == 200);
  const auto session = json_of(answer);
  CHECK_FALSE(flag_at(session, "signedIn"));
  CHECK(flag_at(session, "keyNeeded"));
  CHECK(text_at(session, "instance") == "here");
  CHECK(session.find("version") == nullptr);
  problem_of(running.ask("POST", "/worker/session"), 401, "authentication");
  problem_of(running.ask("POST", "/worker/session", "", bearing("guess")), 401, "authentication");
}

TEST_CASE("a session has the rights of its key, no more and no less", "[api_session]") {
  service running{true, session_keys()};
  const auto mine = signed_in(running, "mine");
  const auto session = json_of(running.ask("GET", "/worker/session", "", mine));
  CHECK(flag_at(session, "signedIn"));
  CHECK(text_at(session, "name") == "m");
  CHECK(text_at(session, "role") == "submitter");
  CHECK(session.find("users")->as<adapters::json_value::array>()->size() == 1);
  CHECK_FALSE(text_at(session, "expiresAt").empty());
  CHECK(running.ask("GET", "/worker/jobs", "", mine).status == 200);
  CHECK(running.ask("GET", "/worker/jobs?userId=u9", "", mine).status == 403);
  CHECK(running.ask("GET", "/worker/config", "", mine).status == 403);
  CHECK(running.ask("POST", "/worker/stop", "", mine + own_page).status == 403);
  CHECK(running.ask("GET", "/worker/config", "", signed_in(running, "root")).status == 200);
  const auto by_key = json_of(running.ask("GET", "/worker/session", "", bearing("mine")));
  CHECK(by_key.find("expiresAt")->as<std::string>() == nullptr);
}

TEST_CASE("what comes by a session changes something from the own page alone", "[api_session]") {
  service running{true, session_keys()};
  const auto root = signed_in(running, "root");
  const auto stop = [&](const std::string& more) {
    return running.ask("POST", "/worker/stop", "", root + more).status;
  };
  CHECK(stop("") == 403);
  CHECK(stop("Sec-Fetch-Site: same-origin\r\n") == 403);
  CHECK(stop("X-CSRF: 1\r\n") == 403);
  CHECK(stop("X-CSRF: \r\nSec-Fetch-Site: same-origin\r\n") == 403);
  CHECK(stop("X-CSRF: 1\r\nOrigin: http://evil.example\r\n") == 403);
  CHECK(stop("X-CSRF: 1\r\nOrigin: http://localhost:1\r\n") == 403);
  // A page of another site, or of another port here, is not even taken for who has signed in.
  CHECK(stop("X-CSRF: 1\r\nSec-Fetch-Site: same-site\r\n") == 401);
  CHECK(stop("X-CSRF: 1\r\nSec-Fetch-Site: cross-site\r\n") == 401);
  CHECK(stop(own_page) == 200);
  CHECK(
      running.ask("POST", "/worker/start", "", root + "X-CSRF: 1\r\nOrigin: http://localhost\r\n")
          .status
      == 200
  );
  // A key is shown by whoever has it, and needs none of that.
  CHECK(running.ask("POST", "/worker/stop", "", bearing("root")).status == 200);
}

TEST_CASE("a session is no key: it begins no other, and ends when it is told to", "[api_session]") {
  service running{true, session_keys()};
  const auto view = signed_in(running, "view");
  problem_of(running.ask("POST", "/worker/session", "", view + own_page), 403, "permission");
  problem_of(running.ask("DELETE", "/worker/session", "", view), 403, "permission");
  const auto ended = running.ask("DELETE", "/worker/session", "", view + own_page);
  CHECK(ended.status == 204);
  CHECK(ended.headers.at("set-cookie").find("Max-Age=0") != std::string::npos);
  problem_of(running.ask("DELETE", "/worker/session"), 401, "authentication");
}

TEST_CASE("a session ends with its key", "[api_session]") {
  service running{true, session_keys()};
  const auto view = signed_in(running, "view");
  CHECK(running.ask("GET", "/worker/jobs", "", view).status == 200);
  running.replace_keys("r:admin:" + std::string(64, '0'));
  problem_of(running.ask("GET", "/worker/jobs", "", view), 401, "authentication");
  const auto session = running.ask("GET", "/worker/session", "", view);
  CHECK(session.status == 200);
  CHECK_FALSE(flag_at(json_of(session), "signedIn"));
}

TEST_CASE("a key in a header goes before a session, right or wrong", "[api_session]") {
  service running{true, session_keys()};
  const auto view = signed_in(running, "view");
  CHECK(running.ask("GET", "/worker/config", "", view + bearing("root")).status == 200);
  problem_of(
      running.ask("GET", "/worker/jobs", "", view + bearing("guess")), 401, "authentication"
  );
}

TEST_CASE("who signs in, and out, is in the audit trail", "[api_session]") {
  service running{true, session_keys()};
  const auto view = signed_in(running, "view");
  running.ask("DELETE", "/worker/session", "", view + own_page);
  const auto records = running.audited();
  REQUIRE(records.size() == 2);
  CHECK(records[0].action == "POST /worker/session");
  CHECK(records[0].target == "v");
  CHECK(records[0].key == "v");
  CHECK(records[1].action == "DELETE /worker/session");
}
