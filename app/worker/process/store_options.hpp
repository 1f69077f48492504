// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/job_store/redis/redis_job_store.hpp"
#include "adapters/outbox/postgres_outbox.hpp"
#include "adapters/redis/redis_url.hpp"
#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <filesystem>
#include <string>

// Where the stores of the settings are, and how they are opened.
namespace stayler::app {

/// What stores encrypt with. The option's form was checked when it was read.
adapters::encryption_keys keys_from(const settings& config);

/// Jobs have a file of their own: in one file with the records each would wait for the other's
/// flushes.
std::filesystem::path jobs_file(const std::filesystem::path& folder);
std::filesystem::path records_file(const std::filesystem::path& folder);

// invalid_input where a URL is malformed.
result<adapters::redis_options> redis_server_from(const settings& config);
result<adapters::redis_job_store_options> redis_queue_from(const settings& config);
result<adapters::postgres_outbox_options> postgres_outbox_from(
    const settings& config, const std::string& instance_id
);

}  // namespace stayler::app
