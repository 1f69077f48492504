// SPDX-License-Identifier: MIT

// Which secrets sign web hooks, as the libraries of Standard Webhooks read them.

#include "adapters/notification_channel/secrets/web_hook_secrets.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/config/option_table.hpp"
#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::adapters;

namespace {

std::string secret_of(char filler, std::size_t bytes = 32) {
  return "whsec_" + base64_encode(std::string(bytes, filler));
}

using keys = std::vector<std::string>;

}  // namespace

TEST_CASE("a secret is the base64 of its key, with or without its prefix") {
  const std::string key(32, 'a');
  CHECK(parse_web_hook_secrets(secret_of('a')) == keys{key});
  CHECK(parse_web_hook_secrets(secret_of('a').substr(6)) == keys{key});
  CHECK(parse_web_hook_secrets("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")->front().size() == 24);
  CHECK(parse_web_hook_secrets("")->empty());
}

TEST_CASE("several secrets are separated by blanks or commas, and stay in their order") {
  const keys both{std::string(32, 'a'), std::string(32, 'b')};
  for (const std::string between : {" ", ",", ", ", "\n", " ,\r\n"}) {
    CHECK(parse_web_hook_secrets(secret_of('a') + between + secret_of('b') + "\n") == both);
  }
  std::string many;
  for (char c = 'a'; c < 'f'; ++c) {
    many += secret_of(c) + " ";
  }
  CHECK(parse_web_hook_secrets(many)->size() == 5);
  CHECK_FALSE(parse_web_hook_secrets(many + secret_of('f')));
}

TEST_CASE("what a receiver would read as another key, or as none, is refused") {
  for (const std::string& wrong : std::vector<std::string>{
           "my secret", "whsec_not!base64", "whsec_", "secret", secret_of('a', 23),
           secret_of('a', 65), "whsk_" + secret_of('a').substr(6), "whsec_" + secret_of('a'),
           secret_of('\xFB').replace(10, 1, "_"), secret_of('a').substr(0, 49),
           secret_of('a') + " my"}) {
    INFO(wrong);
    CHECK_FALSE(parse_web_hook_secrets(wrong));
  }
}

TEST_CASE("a secret of another form is a problem of its option, which says what is allowed") {
  settings config;
  const auto* option = find_option_by_variable("WORKER_WEBHOOK_SECRET");
  CHECK_FALSE(option->parse(config, "whsec_not!base64").empty());
  CHECK(option->allowed().find("base64 of 24 to 64 bytes") != std::string::npos);
  CHECK(option->parse(config, secret_of('a') + "," + secret_of('b')).empty());
}
