// SPDX-License-Identifier: MIT

#include "adapters/s3/credentials/choose_credentials.hpp"

#include "adapters/s3/credentials/issued_keys.hpp"
#include "tests/support/catch.hpp"

#include <map>
#include <string>

namespace stayler::adapters {

namespace {

/// What is said against that way to a key in that environment, or "".
std::string flaw(
    const std::string& kind, const std::map<std::string, std::string>& environment = {}
) {
  settings config;
  config.s3_credentials = kind;
  const auto checked =
      check_credentials(config, [&](const std::string& name) -> std::optional<std::string> {
        const auto found = environment.find(name);
        return found == environment.end() ? std::nullopt : std::optional{found->second};
      });
  return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("a role without what its platform sets is refused with the variables that are missing") {
  CHECK(flaw("static").empty());
  CHECK(flaw("imds").empty());
  CHECK(flaw("ecs").find("AWS_CONTAINER_CREDENTIALS_FULL_URI") != std::string::npos);
  CHECK(flaw("web-identity").find("AWS_WEB_IDENTITY_TOKEN_FILE") != std::string::npos);
  CHECK(flaw("profile").find("S3_PROFILE_FILE") != std::string::npos);
  CHECK(
      flaw("profile", {{"HOME", "/nowhere"}}).find("/nowhere/.aws/credentials") != std::string::npos
  );
  CHECK(flaw("ecs", {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x"}}).empty());
  CHECK(
      flaw("web-identity", {{"AWS_ROLE_ARN", "arn"}, {"AWS_WEB_IDENTITY_TOKEN_FILE", "t"}}).empty()
  );
}

TEST_CASE("a token goes in the clear to this machine and the platforms' own agents alone") {
  for (const auto* url :
       {"http://127.0.0.1:51679/x", "http://[::1]/x", "http://localhost/x",
        "http://169.254.170.2/x", "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials", "https://agent.example/x"}) {
    INFO(url);
    CHECK(flaw_of_agent_url(url).empty());
  }
  for (const auto* url :
       {"http://agent.example/x", "http://10.0.0.1/x", "http://127.agent.example/x",
        "ftp://localhost/x", "x", "http://127.0.0.1@agent.example/x"}) {
    INFO(url);
    CHECK_FALSE(flaw_of_agent_url(url).empty());
  }
}

}  // namespace stayler::adapters
