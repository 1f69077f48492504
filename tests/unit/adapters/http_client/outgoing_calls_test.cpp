// SPDX-License-Identifier: MIT

#include "adapters/http_client/outgoing_calls.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace stayler::adapters {

TEST_CASE("a proxy's address has a scheme, a port and an encoded password") {
  const auto read = [](const std::string& text) { return parse_proxy_url(text).value(); };
  CHECK(read("http://proxy:3128") == "http://proxy:3128");
  CHECK(read("proxy:3128") == "http://proxy:3128");
  CHECK(read("http://proxy.corp/") == "http://proxy.corp:80");
  CHECK(read("https://proxy.corp") == "https://proxy.corp:443");
  CHECK(read("socks5h://[::1]") == "socks5h://[::1]:1080");
  CHECK(read("HTTP://ann:p%40s:s@proxy:1") == "http://ann:p%40s%3As@proxy:1");
  CHECK(read("ann:word@proxy:1") == "http://ann:word@proxy:1");
}

TEST_CASE("what is no proxy is refused with the reason, and nothing of it is repeated") {
  for (const auto* text :
       {"ftp://ann:word@proxy", "http://", "http://ann:word@proxy/path",
        "http://ann:word@proxy?a=b", "http://ann:w ord@proxy", ""}) {
    INFO(text);
    const auto refused = parse_proxy_url(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == error_class::invalid_input);
    CHECK_FALSE(refused.error().message.empty());
    CHECK(refused.error().message.find("ord") == std::string::npos);
  }
}

TEST_CASE("exceptions are taken as they are commonly written") {
  const auto read = [](const std::string& text) { return parse_proxy_exceptions(text).value(); };
  CHECK(
      read("localhost, .internal,*.svc  minio:9000,10.0.0.0/8,[fd00::1]:80,fd00::/8,")
      == "localhost,internal,svc,minio,10.0.0.0/8,fd00::1,fd00::/8"
  );
  CHECK(read("minio,*") == "*");
  CHECK(read("").empty());
  for (const auto* text :
       {"10.*", "a;b", "*minio", ".", "http://minio?", "10.0.0.0/33", "10.0.0.0/x", "300.1.1.1/8",
        "/8", "::1/129", "minio/8"}) {
    INFO(text);
    CHECK_FALSE(parse_proxy_exceptions(text));
  }
}

TEST_CASE("each scheme has its proxy") {
  settings config;
  config.https_proxy = "ann:word@one:1";
  config.http_proxy = "two";
  config.no_proxy = ".internal";
  config.ca_file = "ca.pem";
  const auto outgoing = outgoing_calls_from(config);
  CHECK(outgoing.proxy_for("https://host/") == "http://ann:word@one:1");
  CHECK(outgoing.proxy_for("HTTPS://host/") == "http://ann:word@one:1");
  CHECK(outgoing.proxy_for("http://host/") == "http://two:80");
  CHECK(outgoing.exceptions == "internal");
  CHECK(outgoing.authorities == "ca.pem");
  CHECK(outgoing.without_proxy().proxy_for("https://host/").empty());
  CHECK(outgoing.without_proxy().authorities == "ca.pem");
  CHECK(outgoing_calls_from({}).proxy_for("https://host/").empty());
}

}  // namespace stayler::adapters
