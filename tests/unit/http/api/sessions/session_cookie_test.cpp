// SPDX-License-Identifier: MIT

// What a session's cookie is good for, and what it is not.

#include "http/api/sessions/session_cookie.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/http/api/links/signing.hpp"

#include <string>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;
using http::session_signer;

namespace {

http::request with_cookies(const std::string& cookies, const std::string& site = "") {
  http::request made;
  made.method = "GET";
  made.headers.emplace_back("cookie", cookies);
  if (!site.empty()) {
    made.headers.emplace_back("sec-fetch-site", site);
  }
  return made;
}

}  // namespace

TEST_CASE("a session is good for its key until it ends, wherever the secret is the same") {
  const auto clock = std::make_shared<standing_clock>();
  const session_signer here{shared_secret, false, clock};
  const auto key = signing_key("ann.smith");
  const auto value = here.sign(key, clock->now() + 10s);
  const auto shown =
      http::find_session(with_cookies("a=b; stayler-session=" + value + "; c=d"), false);
  REQUIRE(shown);
  CHECK(shown->key == "ann.smith");
  CHECK(http::end_of(*shown) == clock->now() + 10s);
  const session_signer elsewhere{shared_secret, false, clock};
  CHECK(elsewhere.check(*shown, key) == session_signer::verdict::good);
  clock->advance(10s);
  CHECK(here.check(*shown, key) == session_signer::verdict::expired);
}

TEST_CASE("a session is no good with another secret, for another key, or for longer") {
  const auto clock = std::make_shared<standing_clock>();
  const session_signer signer{shared_secret, false, clock};
  const auto key = signing_key("ann");
  const auto shown = http::find_session(
      with_cookies("stayler-session=" + signer.sign(key, clock->now() + 10s)), false
  );
  REQUIRE(shown);
  const auto is_forged = [&](const session_signer& by, const http::shown_session& what,
                             const adapters::caller_key& of) {
    return by.check(what, of) == session_signer::verdict::forged;
  };
  CHECK(is_forged(session_signer{"", false, clock}, *shown, key));
  CHECK(is_forged(signer, *shown, signing_key("ann", 2)));
  CHECK(is_forged(signer, *shown, signing_key("bob")));
  auto longer = *shown;
  longer.expires = "999999999";
  CHECK(is_forged(signer, longer, key));
  longer.expires = "x";
  CHECK(is_forged(signer, longer, key));
}

TEST_CASE("cookies that are none of ours show no session, and neither do other sites' pages") {
  for (const char* none :
       {"", "a=b", "stayler-session=", "stayler-session=ann", "stayler-session=ann.1",
        "stayler-session=.", "other=ann.1.2"}) {
    INFO(none);
    CHECK_FALSE(http::find_session(with_cookies(none), false));
  }
  const std::string cookie = "stayler-session=ann.1.2";
  CHECK(http::find_session(with_cookies(cookie, "same-origin"), false));
  CHECK(http::find_session(with_cookies(cookie, "none"), false));
  CHECK_FALSE(http::find_session(with_cookies(cookie, "same-site"), false));
  CHECK_FALSE(http::find_session(with_cookies(cookie, "cross-site"), false));
}

TEST_CASE("over TLS only the cookie counts that no other host can have set") {
  const auto key_over_tls = [](const std::string& cookies) {
    const auto shown = http::find_session(with_cookies(cookies), true);
    return shown ? shown->key : std::string{};
  };
  CHECK(key_over_tls("stayler-session=eve.1.2").empty());
  CHECK(key_over_tls("stayler-session=eve.1.2; __Host-stayler-session=ann.1.2") == "ann");
}

TEST_CASE("scripts cannot read the cookie, other sites do not send it, and TLS keeps it to TLS") {
  const auto plain = http::session_cookie("v", false);
  CHECK(plain == "stayler-session=v; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict");
  const auto encrypted = http::session_cookie("v", true);
  CHECK(encrypted.starts_with("__Host-stayler-session=v; Path=/;"));
  CHECK(encrypted.ends_with("; HttpOnly; SameSite=Strict; Secure"));
  CHECK(http::session_cookie("", false).find("Max-Age=0;") != std::string::npos);
  http::request behind_proxy;
  behind_proxy.headers.emplace_back("origin", "https://jobs.example");
  CHECK(http::came_encrypted(behind_proxy, false));
  CHECK_FALSE(http::came_encrypted({}, false));
  CHECK(http::came_encrypted({}, true));
}
