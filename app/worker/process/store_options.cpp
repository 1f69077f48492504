// SPDX-License-Identifier: MIT
#include "app/worker/process/store_options.hpp"

#include "adapters/postgres/postgres_url.hpp"

#include <utility>

namespace stayler::app {

adapters::encryption_keys keys_from(const settings& config) {
  return adapters::encryption_keys::parse(config.encryption_keys).value();
}

std::filesystem::path jobs_file(const std::filesystem::path& folder) {
  return folder / "jobs.db";
}

std::filesystem::path records_file(const std::filesystem::path& folder) {
  return folder / "stayler.db";
}

result<adapters::redis_options> redis_server_from(const settings& config) {
  auto server = adapters::parse_redis_url(config.redis_url);
  if (server) {
    server->tls_authorities = config.redis_tls_ca;
    server->further_authorities = config.ca_file;
  }
  return server;
}

result<adapters::redis_job_store_options> redis_queue_from(const settings& config) {
  auto server = redis_server_from(config);
  if (!server) {
    return std::move(server).error();
  }
  adapters::redis_job_store_options options;
  options.server = *std::move(server);
  options.queue = config.queue_name;
  options.keys = keys_from(config);
  return options;
}

result<adapters::postgres_outbox_options> postgres_outbox_from(
    const settings& config, const std::string& instance_id
) {
  auto server = adapters::parse_postgres_url(config.database_url);
  if (!server) {
    return std::move(server).error();
  }
  adapters::postgres_outbox_options options;
  options.server = *std::move(server);
  options.instance_id = instance_id;
  options.keys = keys_from(config);
  return options;
}

}  // namespace stayler::app
