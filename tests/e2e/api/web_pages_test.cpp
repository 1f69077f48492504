// SPDX-License-Identifier: MIT
// Without keys, whoever reaches the port may do everything: pages in the user's browser and proxies
// must not reach it.
#include "tests/e2e/support/service_stack.hpp"

using namespace stayler::test;

TEST_CASE("without keys no web page commands the service or reads from it") {
  service_stack stack;
  const auto status_of = [&](const std::string& method, const std::string& path,
                             const std::vector<std::string>& headers) {
    return stack.call(method, path, "", headers).status;
  };
  const std::string evil = "Origin: http://evil.example";
  CHECK(status_of("POST", "/worker/stop?timeout=1s", {evil}) == 403);
  CHECK(status_of("POST", "/worker/dead-letters/retry", {"Sec-Fetch-Site: cross-site"}) == 403);
  CHECK(status_of("GET", "/worker/config", {"Host: evil.example"}) == 421);
  CHECK(status_of("GET", "/worker/config", {"X-Forwarded-For: 192.0.2.1"}) == 403);
  CHECK(status_of("GET", "/worker/config", {"Host: localhost"}) == 200);
  CHECK(text_at(stack.get("/worker/status").json(), {"state"}) == "running");
}
