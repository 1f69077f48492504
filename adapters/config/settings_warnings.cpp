// SPDX-License-Identifier: MIT
#include "adapters/config/settings_warnings.hpp"

#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/settings_rules.hpp"
#include "adapters/url/url.hpp"

namespace stayler::adapters {

namespace {

/// Whether what is sent to that address can be read on the way.
bool is_in_the_clear(const std::string& address) {
  const auto parsed = parse_url(address);
  return parsed && parsed->scheme == "http" && parsed->authority.host != "localhost"
         && !is_loopback(parsed->authority.host);
}

}  // namespace

std::vector<std::string> warnings_about(const settings& config) {
  std::vector<std::string> warnings;
  const auto warn_if = [&warnings](bool holds, const char* text) {
    if (holds) {
      warnings.emplace_back(text);
    }
  };
  const bool has_keys = !config.api_keys.empty();
  warn_if(
      has_keys && !is_loopback(config.http_address) && config.tls_certificate.empty(),
      "API keys and photos come in the clear: set WORKER_TLS_CERTIFICATE and WORKER_TLS_KEY, or "
      "put a proxy with TLS before WORKER_HTTP_ADDRESS"
  );
  warn_if(
      config.enable_health_check && !is_loopback(probe_address(config))
          && (!has_keys || config.health_check_address.empty()),
      "health and metrics are open to all who reach WORKER_HEALTH_CHECK_ADDRESS"
  );
  warn_if(
      is_in_the_clear(config.gemini.base_url),
      "the provider's key and the photos leave in the clear: GEMINI_BASE_URL is http://"
  );
  warn_if(
      is_in_the_clear(config.webhook_url),
      "notifications leave in the clear: WORKER_WEBHOOK_URL is http://"
  );
  warn_if(
      (!config.webhook_url.empty() || !config.webhook_url_allow.empty())
          && config.webhook_secret.empty(),
      "receivers cannot tell web hooks from forgeries: WORKER_WEBHOOK_SECRET is empty"
  );
  warn_if(
      has_keys && config.rate_limit == 0, "keys can be guessed at any speed: WORKER_RATE_LIMIT is 0"
  );
  warn_if(
      has_keys && config.gemini.budget_per_day == 0 && config.gemini.budget_per_user == 0,
      "a submitter's key can spend without end: set GEMINI_BUDGET_PER_DAY or "
      "GEMINI_BUDGET_PER_USER"
  );
  return warnings;
}

}  // namespace stayler::adapters
