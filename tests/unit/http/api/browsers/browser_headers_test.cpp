// SPDX-License-Identifier: MIT

// What answers tell browsers, and whose pages may read them.

#include "http/api/browsers/browser_headers.hpp"

#include "tests/support/catch.hpp"

#include <chrono>
#include <string>
#include <vector>

using namespace stayler;
using namespace std::chrono_literals;

namespace {

std::string headers_for(const http::browser_headers& from, const std::string& origin) {
  http::request head;
  if (!origin.empty()) {
    head.headers = {{"origin", origin}};
  }
  std::string lines;
  from.of(head).append_to(lines, {});
  return lines;
}

bool has_line(const std::string& lines, const std::string& line) {
  return ("\r\n" + lines).find("\r\n" + line + "\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("every answer says that it is no page, for nobody else and not to be kept") {
  const http::browser_headers plain{0s, {}};
  for (const auto* origin : {"", "https://app.example"}) {
    CHECK(
        headers_for(plain, origin)
        == "X-Content-Type-Options: nosniff\r\n"
           "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
           "Referrer-Policy: no-referrer\r\n"
           "Cache-Control: no-store\r\n"
           "Cross-Origin-Resource-Policy: same-origin\r\n"
    );
  }
}

TEST_CASE("over TLS browsers are told to stay with it") {
  const http::browser_headers secure{31'536'000s, {"https://app.example"}};
  for (const auto* origin : {"", "https://app.example", "https://other.example"}) {
    CHECK(has_line(headers_for(secure, origin), "Strict-Transport-Security: max-age=31536000"));
  }
}

TEST_CASE("only pages of an allowed origin may read an answer") {
  const http::browser_headers shared{0s, {"https://app.example", "http://localhost:3000"}};
  for (const std::string origin : {"https://app.example", "http://localhost:3000"}) {
    const auto lines = headers_for(shared, origin);
    CHECK(has_line(lines, "Access-Control-Allow-Origin: " + origin));
    CHECK(has_line(lines, "Cross-Origin-Resource-Policy: cross-origin"));
    CHECK(has_line(lines, "Vary: Origin"));
    CHECK(lines.find("Access-Control-Expose-Headers: Location, X-Request-Id") != std::string::npos);
    CHECK(lines.find("Allow-Credentials") == std::string::npos);
  }
  for (const std::string origin :
       {"", "null", "*", "https://app.example:8443", "http://app.example",
        "https://app.example.evil.example", "https://APP.example"}) {
    INFO(origin);
    const auto lines = headers_for(shared, origin);
    CHECK(lines.find("Access-Control") == std::string::npos);
    CHECK(has_line(lines, "Cross-Origin-Resource-Policy: same-origin"));
    CHECK(has_line(lines, "Vary: Origin"));
  }
}
