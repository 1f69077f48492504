// SPDX-License-Identifier: MIT
#include "adapters/url/web_origins.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

TEST_CASE("origins are read in the form that browsers send", "[web_origins]") {
  const auto read = parse_web_origins(
      "https://app.example, HTTP://LocalHost:3000,https://a.example:443,http://[::1]:80"
  );
  REQUIRE(read);
  CHECK(
      *read
      == std::vector<std::string>{
          "https://app.example", "http://localhost:3000", "https://a.example", "http://[::1]"}
  );
}

TEST_CASE("what stands for more than one origin, or for none, is refused", "[web_origins]") {
  for (const auto* text :
       {"*",
        "null",
        "",
        ",",
        "https://*.example",
        "app.example",
        "https://",
        "ftp://a.example",
        "https://a.example/",
        "https://a.example/path",
        "https://a.example?x",
        "https://a@b.example",
        "https://a.example:0",
        "https://a.example:65536",
        "https://a.example:",
        "https://a b",
        "https://a.example,",
        "https://a.example,,https://b.example",
        "https://a%2eexample",
        "file://"}) {
    INFO(text);
    CHECK_FALSE(parse_web_origins(text));
  }
}

}  // namespace stayler::adapters
