// SPDX-License-Identifier: MIT

// What a signed link is good for, and what it is not.

#include "http/api/links/link_signer.hpp"

#include "http/server/request/target.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/http/api/links/signing.hpp"

#include <string>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;
using http::link_signer;

namespace {

http::request request_by_link(const std::string& target) {
  auto parsed = http::parse_target(target).value();
  http::request made;
  made.method = "GET";
  made.path = parsed.path;
  made.query = parsed.query;
  return made;
}

std::string with_change(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

using verdict = link_signer::verdict;

}  // namespace

TEST_CASE("a link is good for its path and its key, until it expires", "[link_signer]") {
  const auto clock = std::make_shared<standing_clock>();
  const link_signer signer{shared_secret, clock};
  const auto key = signing_key("web");
  const auto link = signer.sign("/images/i-1", key, clock->now() + 10s);
  CHECK(signer.check(request_by_link(link), key) == verdict::good);
  clock->advance(9s);
  CHECK(signer.check(request_by_link(link), key) == verdict::good);
  clock->advance(2s);
  CHECK(signer.check(request_by_link(link), key) == verdict::expired);
}

TEST_CASE("nothing in a link can be changed", "[link_signer]") {
  const auto clock = std::make_shared<standing_clock>();
  const link_signer signer{shared_secret, clock};
  const auto key = signing_key("web");
  const auto expires = clock->now() + 10s;
  const auto link = signer.sign("/images/i-1", key, expires);
  const auto check = [&](const std::string& changed) {
    return signer.check(request_by_link(changed), key);
  };
  CHECK(check(with_change(link, "i-1", "i-2")) == verdict::forged);
  CHECK(check(with_change(link, "/images/i-1", "/images/i-1/thumbnail")) == verdict::forged);
  CHECK(check(with_change(link, "expires=", "expires=9")) == verdict::forged);
  CHECK(check(with_change(link, "expires=", "expires=%20")) == verdict::forged);
  CHECK(check(with_change(link, "signature=", "signature=0")) == verdict::forged);
  CHECK(check(link.substr(0, link.size() - 1)) == verdict::forged);
  CHECK(check(link.substr(0, link.find("&signature"))) == verdict::forged);
  CHECK(check(link + "&more=1") == verdict::good);
}

TEST_CASE(
    "a link goes with its key: another of the same name does not inherit it", "[link_signer]"
) {
  const auto clock = std::make_shared<standing_clock>();
  const link_signer signer{shared_secret, clock};
  const auto link = signer.sign("/images/i-1", signing_key("web", 1), clock->now() + 10s);
  CHECK(signer.check(request_by_link(link), signing_key("web", 2)) == verdict::forged);
  CHECK(signer.check(request_by_link(link), signing_key("other", 1)) == verdict::forged);
}

TEST_CASE("links are good wherever the secret is the same, and nowhere else", "[link_signer]") {
  const auto clock = std::make_shared<standing_clock>();
  const auto key = signing_key("web");
  const link_signer one{shared_secret, clock};
  const auto link = one.sign("/worker/events", key, clock->now() + 10s);
  CHECK(link_signer{shared_secret, clock}.check(request_by_link(link), key) == verdict::good);
  CHECK(
      link_signer{std::string(32, 't'), clock}.check(request_by_link(link), key) == verdict::forged
  );
  CHECK(link_signer{"", clock}.check(request_by_link(link), key) == verdict::forged);
}
