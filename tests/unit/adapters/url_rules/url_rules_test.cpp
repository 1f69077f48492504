// SPDX-License-Identifier: MIT
#include "adapters/url_rules/url_rules.hpp"

#include "adapters/url_rules/public_address.hpp"
#include "messages/images/image.hpp"
#include "tests/support/catch.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string>

namespace stayler::adapters {

namespace {

url_rules rules(std::string_view hosts, bool allows_private = false) {
  return {parse_host_patterns(hosts).value(), allows_private};
}

bool is_allowed(std::string_view url, const url_rules& by) {
  const auto checked = check_url(url, by);
  return checked.has_value();
}

bool is_public(const std::string& text) {
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    return is_public_address(reinterpret_cast<const sockaddr&>(four));
  }
  REQUIRE(inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1);
  six.sin6_family = AF_INET6;
  return is_public_address(reinterpret_cast<const sockaddr&>(six));
}

}  // namespace

TEST_CASE("an id that begins like a web address is one") {
  CHECK(is_image_url("http://a"));
  CHECK(is_image_url("HTTPS://a"));
  CHECK_FALSE(is_image_url(""));
  CHECK_FALSE(is_image_url("http:/"));
  CHECK_FALSE(is_image_url("https:a"));
  CHECK_FALSE(is_image_url("ftp://a"));
  CHECK_FALSE(is_image_url("0192c4e0-7a3b-7000-8000-000000000000"));
}

TEST_CASE("addresses of the public internet are told from all others") {
  for (const std::string address :
       {"1.1.1.1",         "8.8.8.8",         "9.255.255.255",        "11.0.0.0",
        "100.63.255.255",  "100.128.0.0",     "126.255.255.255",      "128.0.0.0",
        "169.253.255.255", "169.255.0.0",     "172.15.255.255",       "172.32.0.0",
        "192.0.1.0",       "192.167.255.255", "192.169.0.0",          "198.17.255.255",
        "198.20.0.0",      "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001::200e",
        "2001:200::1",     "64:ff9b::808:808"}) {
    INFO(address);
    CHECK(is_public(address));
  }
  for (const std::string address :
       {"0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "4000::1"}) {
    INFO(address);
    CHECK_FALSE(is_public(address));
  }
  sockaddr_in other{};
  other.sin_family = AF_UNIX;
  CHECK_FALSE(is_public_address(reinterpret_cast<const sockaddr&>(other)));
}

TEST_CASE("a list of hosts is read, or refused as a whole") {
  CHECK(parse_host_patterns("")->empty());
  const auto read = parse_host_patterns("CDN.example.com,*.example.org:8443,[::1]:80");
  REQUIRE(read);
  CHECK(
      *read
      == std::vector<host_pattern>{{"cdn.example.com", 0}, {".example.org", 8443}, {"[::1]", 80}}
  );
  for (const std::string text :
       {",",    "a,",       ",a",  "a,,b", "*",   "*.",      "*.com", "a.*",    "*a.example.org",
        "a b",  "http://a", "a/b", "a:0",  "a:x", "a:65536", "a:",    "user@a", ".a.b",
        "a..b", "a.b."}) {
    INFO(text);
    CHECK_FALSE(parse_host_patterns(text));
  }
}

TEST_CASE("a URL is allowed where its host and its port are") {
  const auto by = rules("cdn.example.com,*.example.org,images.local:8080");
  CHECK(is_allowed("https://cdn.example.com/a.jpg", by));
  CHECK(is_allowed("http://CDN.Example.com:80/a.jpg?x=1", by));
  CHECK(is_allowed("https://a.b.example.org/", by));
  CHECK(is_allowed("http://images.local:8080/a", by));
  for (const std::string url :
       {"https://example.org/", "https://badexample.org/", "https://cdn.example.com.evil.org/",
        "https://cdn.example.com./", "https://cdn.example.com:8443/", "http://cdn.example.com:443/",
        "http://images.local/a", "https://a.example.org:22/", "https://other.com/",
        "https://other.com/cdn.example.com", "https://other.com?cdn.example.com",
        "https://other.com#cdn.example.com", "https://other.com\\@cdn.example.com/",
        "https://cdn.example.com@other.com/"}) {
    INFO(url);
    CHECK_FALSE(is_allowed(url, by));
  }
  CHECK_FALSE(is_allowed("https://cdn.example.com/", {}));
}

TEST_CASE("a URL that is more, or less, than one is refused, and its secrets are not repeated") {
  const auto by = rules("a.com");
  for (const std::string url :
       {"ftp://a.com/secret", "file:///secret", "https://", "https:///secret",
        "https://ann:secret@a.com/", "https://ann@a.com/", "https://a.com/secret picture",
        "https://a.com/\r\nsecret: 1", "https://a.com/\xC3\xA4?secret", "https://b.com/?secret",
        "gopher://a.com/secret", "https://a.com:99999/secret"}) {
    INFO(url);
    const auto checked = check_url(url, by);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().kind == error_class::invalid_input);
    CHECK(checked.error().message.find("secret") == std::string::npos);
  }
  const std::string presigned = "https://a.com/?X-Amz-Security-Token=";
  CHECK(is_allowed(presigned + std::string(8'192 - presigned.size(), 'A'), by));
  CHECK_FALSE(is_allowed(presigned + std::string(8'193 - presigned.size(), 'A'), by));
  CHECK(check_url("https://a.com/x?y=1#z", by).value() == "https://a.com/x?y=1");
}

TEST_CASE("a refusal names the option that allows") {
  url_rules hooks = rules("");
  hooks.option = "WORKER_WEBHOOK_URL_ALLOW";
  for (const std::string_view hosts : {"", "a.com"}) {
    hooks.hosts = parse_host_patterns(hosts).value();
    const auto refused = check_url("https://b.com/", hooks);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("WORKER_WEBHOOK_URL_ALLOW") != std::string::npos);
  }
}

TEST_CASE("an origin is a URL's scheme, host and unusual port") {
  CHECK(origin_of("https://Hooks.example.com/a?b=c") == "https://hooks.example.com");
  CHECK(origin_of("https://hooks.example.com:443/") == "https://hooks.example.com");
  CHECK(origin_of("http://[::1]:8080/a") == "http://[::1]:8080");
  CHECK(origin_of("/b", "https://a.com/a") == "https://a.com");
  CHECK(origin_of("//b.com/", "https://a.com/a") == "https://b.com");
  CHECK(origin_of("http://a.com/", "https://a.com/a") == "http://a.com");
  CHECK(origin_of("").empty());
  CHECK(origin_of("ftp://a.com/").empty());
  CHECK(origin_of("http://", "https://a.com/").empty());
}

TEST_CASE("an address that is not public needs more than being listed, however it is written") {
  const std::string hosts = "127.0.0.1,169.254.169.254,[::1],[::ffff:127.0.0.1],8.8.8.8";
  for (const std::string url :
       {"http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/",
        "http://169.254.169.254/latest/meta-data", "http://[::1]/", "http://[::ffff:127.0.0.1]/"}) {
    INFO(url);
    CHECK_FALSE(is_allowed(url, rules(hosts)));
  }
  CHECK(is_allowed("http://127.0.0.1/", rules(hosts, true)));
  CHECK(is_allowed("http://[::1]/", rules(hosts, true)));
  CHECK(is_allowed("http://8.8.8.8/", rules(hosts)));
}

TEST_CASE("a redirect is checked like a URL of its own") {
  const auto by = rules("a.com,*.b.com");
  CHECK(check_redirect("https://a.com/x/y?q", "z", by).value() == "https://a.com/x/z");
  CHECK(check_redirect("https://a.com/x", "//c.b.com/z", by).value() == "https://c.b.com/z");
  CHECK(check_redirect("http://a.com/x", "https://a.com/z", by).value() == "https://a.com/z");
  for (const std::string location :
       {"https://other.com/", "http://a.com/", "//127.0.0.1/", "https://u:p@a.com/",
        "file:///etc/passwd", "https://a.com:8080/", "https://a.com/\n"}) {
    INFO(location);
    CHECK_FALSE(check_redirect("https://a.com/x", location, by));
  }
}

}  // namespace stayler::adapters
