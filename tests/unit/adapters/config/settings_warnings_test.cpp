// SPDX-License-Identifier: MIT

// Which configurations are warned of at the start, and that the usual ones are not.

#include "adapters/config/settings_warnings.hpp"

#include "tests/support/catch.hpp"

#include <functional>

using namespace stayler;
using adapters::warnings_about;

namespace {

/// With keys, behind a proxy, with all that closes what can be open.
settings closed_settings() {
  settings config;
  config.api_keys = "keys";
  config.health_check_address = "127.0.0.1";
  config.gemini.budget_per_day = 10;
  config.webhook_url = "https://example.com/hook";
  config.webhook_secret = "secret";
  return config;
}

}  // namespace

TEST_CASE("defaults and closed settings give no warning") {
  CHECK(warnings_about(settings{}).empty());
  CHECK(warnings_about(closed_settings()).empty());
}

TEST_CASE("each thing left open gives a warning that names the variable") {
  struct opening {
    const char* variable;
    std::function<void(settings&)> open;
  };
  const std::vector<opening> openings{
      {"WORKER_HTTP_ADDRESS", [](settings& s) { s.http_address = "0.0.0.0"; }},
      {"WORKER_HEALTH_CHECK_ADDRESS",
       [](settings& s) {
         s.api_keys.clear();
         s.health_check_address = "::";
       }},
      {"WORKER_HEALTH_CHECK_ADDRESS",
       [](settings& s) {
         s.http_address = "0.0.0.0";
         s.tls_certificate = "api.pem";
         s.health_check_address.clear();
       }},
      {"GEMINI_BASE_URL", [](settings& s) { s.gemini.base_url = "http://example.com"; }},
      {"WORKER_WEBHOOK_URL", [](settings& s) { s.webhook_url = "http://example.com"; }},
      {"WORKER_WEBHOOK_SECRET", [](settings& s) { s.webhook_secret.clear(); }},
      {"WORKER_WEBHOOK_SECRET",
       [](settings& s) {
         s.webhook_secret.clear();
         s.webhook_url.clear();
         s.webhook_url_allow = "hooks.example.com";
       }},
      {"WORKER_RATE_LIMIT", [](settings& s) { s.rate_limit = 0; }},
      {"GEMINI_BUDGET_PER_DAY", [](settings& s) { s.gemini.budget_per_day = 0; }}};
  for (const opening& each : openings) {
    settings config = closed_settings();
    each.open(config);
    const auto warnings = warnings_about(config);
    INFO(each.variable);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find(each.variable) != std::string::npos);
  }
}

TEST_CASE("with TLS of its own the API may listen anywhere") {
  settings config = closed_settings();
  config.http_address = "0.0.0.0";
  config.tls_certificate = "api.pem";
  config.tls_key = "api.key";
  CHECK(warnings_about(config).empty());
}

TEST_CASE("what stays on the machine needs no TLS") {
  for (const char* address : {"http://127.0.0.1:8090", "http://localhost", "http://[::1]:1"}) {
    settings config = closed_settings();
    config.gemini.base_url = address;
    CHECK(warnings_about(config).empty());
  }
}
