// SPDX-License-Identifier: MIT
#include "adapters/url/url.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

TEST_CASE("a URL is taken apart and decoded", "[url]") {
  const auto full = parse_url("HTTP://ann:p%40ss@[::1]:8080/a%20b?x=1%262&y#z");
  REQUIRE(full);
  CHECK(full->scheme == "http");
  CHECK(full->authority.has_credentials);
  CHECK(full->authority.user == "ann");
  CHECK(full->authority.password == "p@ss");
  CHECK(full->authority.host == "::1");
  CHECK(full->authority.is_address);
  CHECK(full->authority.port == "8080");
  CHECK(full->path == "/a b");
  CHECK(
      full->parameters == std::vector<std::pair<std::string, std::string>>{{"x", "1&2"}, {"y", ""}}
  );
  CHECK(full->has_fragment);

  const auto plain = parse_url("s3://photos");
  REQUIRE(plain);
  CHECK(plain->authority.host == "photos");
  CHECK_FALSE(plain->authority.is_address);
  CHECK_FALSE(plain->authority.has_credentials);
  CHECK(plain->authority.port.empty());
  CHECK(plain->path.empty());
  CHECK(plain->parameters.empty());
  CHECK(parse_url("unix:///run/socket?")->path == "/run/socket");
}

TEST_CASE("what should be escaped and is not stands for itself", "[url]") {
  const auto loose = parse_url("redis://ann:100%{^[x]|}\"\xC3\xA4@host/[1]?a=<b>");
  REQUIRE(loose);
  CHECK(loose->authority.password == "100%{^[x]|}\"\xC3\xA4");
  CHECK(loose->authority.host == "host");
  CHECK(loose->path == "/[1]");
  CHECK(loose->parameters.front().second == "<b>");
}

TEST_CASE("what is not a URL is refused", "[url]") {
  for (const std::string text :
       {"", "a", "//host", "host:80", "s3:photos", "://host", "http://a b", "http://a:b",
        "http://a:%2Fb", "http://[::1", "http://::1", "http://[v1.x]", "http://a@b@c",
        "http://host/\n"}) {
    INFO(text);
    CHECK_FALSE(parse_url(text));
  }
}

TEST_CASE("a port that cannot be is refused by its reason", "[url]") {
  for (const char* text : {"http://a:0", "http://a:65536", "http://a:99999999999999999999"}) {
    CHECK(parse_url(text).error().message == "its port must be 1 to 65535");
  }
  CHECK(parse_url("http://a:65535")->authority.port == "65535");
  CHECK(parse_url("http://a:/b")->authority.port.empty());
}

TEST_CASE("an authority is a host and perhaps a port", "[url]") {
  CHECK(parse_authority("host:1")->port == "1");
  CHECK(parse_authority("[::1]:1")->host == "::1");
  CHECK(parse_authority("10.0.0.1")->is_address);
  CHECK_FALSE(parse_authority("10.0.0.256")->is_address);
  CHECK_FALSE(parse_authority("host:1/x"));
  CHECK_FALSE(parse_authority("host:x"));
}

TEST_CASE("percent-encoding is written and resolved", "[url]") {
  CHECK(encode_percent("aZ9-._~") == "aZ9-._~");
  CHECK(encode_percent("a/b c+\xC3\xA4") == "a%2Fb%20c%2B%C3%A4");
  CHECK(decode_percent("a%2Fb%20c+\xC3%a4") == "a/b c+\xC3\xA4");
  CHECK(decode_percent("a+b%2B", true) == "a b+");
  for (const auto* bad : {"%", "%4", "a%4", "%g0", "%00"}) {
    INFO(bad);
    CHECK_FALSE(decode_percent(bad));
  }
}

}  // namespace stayler::adapters
