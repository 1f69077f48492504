// SPDX-License-Identifier: MIT
#include "adapters/config/settings_rules.hpp"

#include "adapters/blob_store/blob_store_schemes.hpp"
#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/option_table.hpp"
#include "adapters/config/wording.hpp"
#include "messages/base/duration.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

using problem_list = std::vector<field_problem>;

/// Why that option cannot take that value, or "" and it is in `into`.
std::string apply_change(settings& into, const option& which, const std::string& value) {
  if (which.is_secret && value == hidden_secret) {
    return {};  // what GET shows, sent back: the secret stays
  }
  settings changed = into;
  if (std::string problem = which.parse(changed, value); !problem.empty()) {
    return problem;
  }
  if (!which.is_live && !(changed == into)) {
    return "cannot be changed while the service runs; set " + std::string{which.names.variable}
           + " and restart";
  }
  into = std::move(changed);
  return {};
}

std::string unknown_json_name(const std::string& name) {
  std::vector<std::string> known;
  for (const option& each : all_options()) {
    known.emplace_back(each.names.json);
  }
  return "is not an option; the nearest is " + nearest_name(name, known);
}

/// A key may only go where it was meant to go: who can change the address, but has not seen the
/// key, must not have it sent to a host of theirs.
void check_key_comes_along(
    const settings& current,
    const settings& next,
    std::span<const settings_change> changes,
    problem_list& problems
) {
  const bool is_elsewhere = next.gemini.base_url != current.gemini.base_url;
  const bool brings_key = std::ranges::any_of(changes, [](const settings_change& change) {
    return change.name == "gemini.apiKey" && change.value != hidden_secret;
  });
  if (is_elsewhere && !brings_key && !current.gemini.api_key.empty()) {
    problems.push_back(
        {"gemini.baseUrl",
         "a new address needs gemini.apiKey in the same request: the key in use is not sent to "
         "another one"}
    );
  }
}

void check_retries(const settings& candidate, problem_list& problems) {
  const retry_settings& retry = candidate.retry;
  if (candidate.max_retries > retry.max_retries) {
    problems.push_back(
        {"maxRetries",
         fmt::format(
             "{} is more than RETRY_MAX_RETRIES, {}", candidate.max_retries, retry.max_retries
         )}
    );
  }
  if (retry.initial_delay > retry.max_delay) {
    problems.push_back(
        {"retry.initialDelay",
         fmt::format(
             "{} is longer than RETRY_MAX_DELAY, {}", format_duration(retry.initial_delay),
             format_duration(retry.max_delay)
         )}
    );
  }
}

void check_addresses(const settings& candidate, problem_list& problems) {
  if (candidate.api_keys.empty() && !is_loopback(candidate.http_address)) {
    problems.push_back(
        {"httpAddress", in_quotes(candidate.http_address)
                            + " is not a loopback address; without WORKER_API_KEYS the server "
                              "answers on loopback only"}
    );
  }
  if (candidate.enable_health_check && candidate.http_port != 0
      && candidate.http_port == candidate.health_check_port) {
    problems.push_back(
        {"healthCheckPort", std::to_string(candidate.health_check_port)
                                + " is the port of the API too (WORKER_HTTP_PORT)"}
    );
  }
}

void check_proxies(const settings& candidate, problem_list& problems) {
  if (!candidate.trusted_proxies.empty() && candidate.api_keys.empty()) {
    problems.push_back(
        {"trustedProxies",
         "needs WORKER_API_KEYS; without keys calls that a proxy passes on are refused"}
    );
  }
  if (candidate.proxy_protocol && candidate.trusted_proxies.empty()) {
    problems.push_back(
        {"proxyProtocol", "needs WORKER_TRUSTED_PROXIES; nobody else's PROXY header is read"}
    );
  }
}

/// A whole image has to fit into the part of the memory that is for whole bodies.
void check_http_memory(const settings& candidate, problem_list& problems) {
  const bool has_api = candidate.role != "worker";
  if (has_api && candidate.http_memory / 3 < candidate.max_image_bytes) {
    problems.push_back(
        {"httpMemory", fmt::format(
                           "{} is less than three times WORKER_MAX_IMAGE_BYTES, {}",
                           candidate.http_memory, candidate.max_image_bytes
                       )}
    );
  }
}

void check_tls_files(const settings& candidate, problem_list& problems) {
  if (candidate.tls_certificate.empty() != candidate.tls_key.empty()) {
    problems.push_back(
        candidate.tls_key.empty() ? field_problem{"tlsCertificate", "needs WORKER_TLS_KEY"}
                                  : field_problem{"tlsKey", "needs WORKER_TLS_CERTIFICATE"}
    );
  }
}

void check_stores(const settings& candidate, problem_list& problems) {
  if (candidate.queue_backend == "redis" && candidate.redis_url.empty()) {
    problems.push_back({"queueBackend", "redis needs REDIS_URL"});
  }
  const blob_store_scheme* scheme = find_blob_store_scheme(candidate.storage_url);
  const auto is_set = [&candidate](std::string_view variable) {
    return !find_option_by_variable(variable)->print(candidate).empty();
  };
  const auto needs =
      scheme == nullptr ? std::span<const std::string_view>{} : scheme->needs(candidate);
  if (!std::ranges::all_of(needs, is_set)) {
    problems.push_back(
        {"storageUrl", std::string{scheme->prefix} + " needs " + listed(needs, "and")}
    );
  }
  const bool has_own_key = !candidate.s3_access_key_id.empty()
                           || !candidate.s3_secret_access_key.empty()
                           || !candidate.s3_session_token.empty();
  if (candidate.s3_credentials != "static" && has_own_key) {
    problems.push_back(
        {"s3Credentials", candidate.s3_credentials
                              + " is one way to a key, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and "
                                "S3_SESSION_TOKEN are another; set one of the two"}
    );
  }
}

void check_notifications(const settings& candidate, problem_list& problems) {
  if (!candidate.notify_channel.empty() && candidate.redis_url.empty()) {
    problems.push_back({"notifyChannel", "a channel needs REDIS_URL"});
  }
  if (!candidate.notify_channel.empty() && !candidate.webhook_url.empty()) {
    problems.push_back(
        {"notifyChannel", "there is one way for notifications: WORKER_WEBHOOK_URL is set too"}
    );
  }
}

void check_node_roles(const settings& candidate, problem_list& problems) {
  const bool is_node = candidate.role == "worker";
  const bool listens = !candidate.node_listen.empty();
  const bool joins = !candidate.node_join.empty();
  if (candidate.role == "coordinator" && !listens) {
    problems.push_back({"role", "a coordinator needs NODE_LISTEN"});
  }
  if (is_node && !joins) {
    problems.push_back({"role", "a worker needs NODE_JOIN"});
  }
  if (is_node && listens) {
    problems.push_back({"nodeListen", "a worker takes in no nodes (WORKER_ROLE)"});
  }
  if (!is_node && joins) {
    problems.push_back({"nodeJoin", "only a worker joins (WORKER_ROLE=worker)"});
  }
}

void check_node_files(const settings& candidate, problem_list& problems) {
  const bool listens = !candidate.node_listen.empty();
  const bool joins = !candidate.node_join.empty();
  const bool has_files = !candidate.node_tls_certificate.empty() && !candidate.node_tls_key.empty()
                         && !candidate.node_tls_ca.empty();
  if ((listens || joins) && !has_files) {
    problems.push_back(
        {listens ? "nodeListen" : "nodeJoin",
         "needs NODE_TLS_CERTIFICATE, NODE_TLS_KEY and NODE_TLS_CA; there is no link without TLS"}
    );
  }
}

}  // namespace

const std::string& probe_address(const settings& config) {
  return config.health_check_address.empty() ? config.http_address : config.health_check_address;
}

settings_update apply_changes(const settings& current, std::span<const settings_change> changes) {
  settings next = current;
  std::vector<field_problem> problems;
  for (const settings_change& change : changes) {
    const option* which = find_option_by_json_name(change.name);
    std::string problem = which != nullptr ? apply_change(next, *which, change.value)
                                           : unknown_json_name(change.name);
    if (!problem.empty()) {
      problems.push_back({change.name, std::move(problem)});
    }
  }
  check_key_comes_along(current, next, changes, problems);
  if (problems.empty()) {
    problems = validate(next);
  }
  if (!problems.empty()) {
    return {current, std::move(problems)};
  }
  return {std::move(next), {}};
}

std::vector<field_problem> validate(const settings& candidate) {
  problem_list problems;
  for (const auto check :
       {check_retries, check_addresses, check_proxies, check_http_memory, check_tls_files,
        check_stores, check_notifications, check_node_roles, check_node_files}) {
    check(candidate, problems);
  }
  return problems;
}

}  // namespace stayler::adapters
