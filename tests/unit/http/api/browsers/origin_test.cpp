// SPDX-License-Identifier: MIT

#include "http/api/browsers/origin.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace stayler;

namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

const http::origin_rules open{false, "127.0.0.1"};
const http::origin_rules with_keys{true, "0.0.0.0"};

/// The status of the refusal; 0 where the call may go on.
unsigned verdict(
    const http::origin_rules& rules,
    const std::string& method,
    fields headers,
    const std::string& path = "/worker/stop"
) {
  http::request head;
  head.method = method;
  head.path = path;
  head.headers = std::move(headers);
  const auto refusal = http::check_origin(head, rules);
  return refusal ? refusal->status : 0;
}

/// Of a call without keys that its Host names so.
unsigned to_host(const std::string& host, const std::string& listen_address = "127.0.0.1") {
  return verdict({false, listen_address}, "GET", {{"host", host}});
}

/// Of a POST without a body to 127.0.0.1:8080.
unsigned from(const http::origin_rules& rules, fields headers) {
  headers.emplace_back("host", "127.0.0.1:8080");
  return verdict(rules, "POST", std::move(headers));
}

}  // namespace

TEST_CASE("without keys a call has to name this host", "[origin]") {
  for (const auto* host :
       {"127.0.0.1", "127.0.0.1:8080", "localhost", "LocalHost:8080", "[::1]", "[::1]:8080"}) {
    INFO(host);
    CHECK(to_host(host) == 0);
  }
  CHECK(to_host("127.0.0.5:1", "127.0.0.5") == 0);
  CHECK(to_host("[::5]:1", "::5") == 0);
  for (const auto* host :
       {"evil.example", "evil.example:8080", "127.0.0.1.evil.example",
        "localhost.evil.example:8080", "127.0.0.5", "127.0.0.1:8080@evil.example",
        "127.0.0.1:80:80", "user@127.0.0.1", "", "::1", "192.0.2.1:8080"}) {
    INFO(host);
    CHECK(to_host(host) == 421);
  }
  CHECK(verdict(open, "GET", {}) == 0);
}

TEST_CASE("without keys a page of another site may neither change nor read anything", "[origin]") {
  for (const auto* origin :
       {"http://evil.example", "http://127.0.0.1:3000", "http://127.0.0.1", "http://localhost:8080",
        "https://127.0.0.1:8080", "null", "", "127.0.0.1:8080", "http:127.0.0.1:8080"}) {
    INFO(origin);
    CHECK(from(open, {{"origin", origin}}) == 403);
  }
  CHECK(from(open, {{"origin", "http://127.0.0.1:8080"}}) == 0);
  CHECK(from(open, {{"sec-fetch-site", "cross-site"}}) == 403);
  CHECK(from(open, {{"sec-fetch-site", "same-site"}}) == 403);
  CHECK(from(open, {{"sec-fetch-site", "same-origin"}}) == 0);
  CHECK(from(open, {{"sec-fetch-site", "none"}}) == 0);
  CHECK(verdict(open, "GET", {{"host", "localhost"}, {"sec-fetch-site", "cross-site"}}) == 403);
  CHECK(verdict(open, "GET", {{"host", "localhost"}, {"origin", "http://evil.example"}}) == 403);
  CHECK(verdict(open, "GET", {{"host", "localhost:80"}, {"origin", "http://localhost"}}) == 0);
}

TEST_CASE("without keys a browser's body has to say that it is JSON", "[origin]") {
  const std::pair<std::string, std::string> own{"origin", "http://127.0.0.1:8080"};
  const std::pair<std::string, std::string> length{"content-length", "2"};
  const std::pair<std::string, std::string> chunks{"transfer-encoding", "chunked"};
  CHECK(from(open, {own, length}) == 415);
  CHECK(from(open, {own, chunks}) == 415);
  CHECK(from(open, {{"sec-fetch-mode", "cors"}, length}) == 415);
  CHECK(from(open, {own, length, {"content-type", "text/plain"}}) == 415);
  CHECK(from(open, {own, length, {"content-type", "application/x-www-form-urlencoded"}}) == 415);
  CHECK(from(open, {own, length, {"content-type", "application/json; charset=utf-8"}}) == 0);
  CHECK(from(open, {own, {"content-length", "0"}}) == 0);
  CHECK(from(open, {length}) == 0);
  const std::string form = "multipart/form-data; boundary=x";
  const fields picture{{"host", "127.0.0.1:8080"}, own, length, {"content-type", form}};
  CHECK(verdict(open, "POST", picture, "/images") == 0);
}

TEST_CASE("without keys no proxy may pass calls on", "[origin]") {
  CHECK(from(open, {{"x-forwarded-for", "192.0.2.1"}}) == 403);
  CHECK(from(open, {{"forwarded", "for=192.0.2.1"}}) == 403);
  CHECK(from(with_keys, {{"x-forwarded-for", "192.0.2.1"}}) == 0);
}

TEST_CASE("with keys a page of another site may change nothing", "[origin]") {
  const auto to_front = [](const std::string& method, const std::string& origin) {
    return verdict(with_keys, method, {{"host", "Photos.example"}, {"origin", origin}});
  };
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    INFO(method);
    CHECK(to_front(method, "http://evil.example") == 403);
    CHECK(to_front(method, "null") == 403);
    // TLS ends in front of the service.
    CHECK(to_front(method, "https://photos.example") == 0);
    CHECK(to_front(method, "https://photos.example:443") == 0);
    CHECK(to_front(method, "https://photos.example:444") == 403);
  }
  CHECK(to_front("GET", "http://evil.example") == 0);
  CHECK(verdict(with_keys, "POST", {{"host", "any.example"}}) == 0);
}

TEST_CASE("pages of an allowed origin may call as the service's own may", "[origin]") {
  for (const bool has_keys : {false, true}) {
    const http::origin_rules shared{
        has_keys, "127.0.0.1", false, {"https://app.example", "http://localhost:3000"}};
    const std::pair<std::string, std::string> cross{"sec-fetch-site", "cross-site"};
    CHECK(from(shared, {{"origin", "https://app.example"}, cross}) == 0);
    CHECK(from(shared, {{"origin", "http://localhost:3000"}, cross}) == 0);
    for (const auto* origin :
         {"http://app.example", "https://app.example:8443", "https://app.example.evil.example",
          "https://evil.example", "null", ""}) {
      INFO(origin);
      CHECK(from(shared, {{"origin", origin}, cross}) == 403);
    }
  }
  // What brings no Origin cannot be told from a page of anybody.
  const http::origin_rules open_to_app{false, "127.0.0.1", false, {"https://app.example"}};
  CHECK(from(open_to_app, {{"sec-fetch-site", "cross-site"}}) == 403);
  CHECK(
      verdict(open_to_app, "GET", {{"host", "evil.example"}, {"origin", "https://app.example"}})
      == 421
  );
}

TEST_CASE("over TLS the service's own pages come by https", "[origin]") {
  const http::origin_rules encrypted{false, "127.0.0.1", true};
  CHECK(from(encrypted, {{"origin", "https://127.0.0.1:8080"}}) == 0);
  CHECK(from(encrypted, {{"origin", "https://127.0.0.1:8081"}}) == 403);
}

TEST_CASE("a link on another site leads to the dashboard, and to nothing else", "[origin]") {
  const auto follow = [](const std::string& path, const std::string& destination) {
    return verdict(
        open, "GET",
        {{"host", "127.0.0.1:8080"},
         {"sec-fetch-site", "cross-site"},
         {"sec-fetch-mode", "navigate"},
         {"sec-fetch-dest", destination}},
        path
    );
  };
  CHECK(follow("/", "document") == 0);
  CHECK(follow("/ui/now", "document") == 0);
  CHECK(follow("/ui/now", "iframe") == 403);
  CHECK(follow("/worker/jobs", "document") == 403);
}
