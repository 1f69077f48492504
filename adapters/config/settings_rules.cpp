// SPDX-License-Identifier: MIT
#include "adapters/config/nearest_name.hpp"
#include "adapters/config/option_kinds.hpp"
#include "adapters/config/option_table.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

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
    return "cannot be changed while the service runs; set " + std::string{which.variable}
           + " and restart";
  }
  into = std::move(changed);
  return {};
}

std::string unknown_json_name(const std::string& name) {
  std::vector<std::string> known;
  for (const option& each : all_options()) {
    known.emplace_back(each.json_name);
  }
  return "is not an option; the nearest is " + nearest_name(name, known);
}

bool is_loopback(const std::string& address) {
  return address == "::1" || address.starts_with("127.");
}

/// Who may say what of nodes, and that nobody does it without certificates.
void check_nodes(const settings& candidate, std::vector<field_problem>& problems) {
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
  if (problems.empty()) {
    problems = validate(next);
  }
  if (!problems.empty()) {
    return {current, std::move(problems)};
  }
  return {std::move(next), {}};
}

std::vector<field_problem> validate(const settings& candidate) {
  std::vector<field_problem> problems;
  const auto& retry = candidate.retry;
  if (candidate.max_retries > retry.max_retries) {
    problems.push_back(
        {"maxRetries", std::to_string(candidate.max_retries) + " is more than RETRY_MAX_RETRIES, "
                           + std::to_string(retry.max_retries)}
    );
  }
  if (retry.initial_delay > retry.max_delay) {
    problems.push_back(
        {"retry.initialDelay", format_duration(retry.initial_delay)
                                   + " is longer than RETRY_MAX_DELAY, "
                                   + format_duration(retry.max_delay)}
    );
  }
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
  if (candidate.queue_backend == "redis" && candidate.redis_url.empty()) {
    problems.push_back({"queueBackend", "redis needs REDIS_URL"});
  }
  if (!candidate.storage_url.empty()
      && (candidate.s3_access_key_id.empty() || candidate.s3_secret_access_key.empty())) {
    problems.push_back({"storageUrl", "s3:// needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY"});
  }
  if (!candidate.notify_channel.empty() && candidate.redis_url.empty()) {
    problems.push_back({"notifyChannel", "a channel needs REDIS_URL"});
  }
  if (!candidate.notify_channel.empty() && !candidate.webhook_url.empty()) {
    problems.push_back(
        {"notifyChannel", "there is one way for notifications: WORKER_WEBHOOK_URL is set too"}
    );
  }
  check_nodes(candidate, problems);
  return problems;
}

}  // namespace stayler::adapters
