// SPDX-License-Identifier: MIT
#include "app/worker/process/reencrypt_rows.hpp"

#include "adapters/job_store/sqlite/sqlite_job_encryption.hpp"
#include "adapters/job_store/sqlite/sqlite_job_schema.hpp"
#include "adapters/outbox/sqlite_outbox.hpp"
#include "adapters/record_store/sqlite/sqlite_record_rows.hpp"
#include "adapters/record_store/sqlite/sqlite_record_schema.hpp"
#include "adapters/sqlite/encrypted_rows.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "app/worker/process/store_options.hpp"

#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

namespace stayler::app {

namespace {

using failure_listener = std::function<void(const failure& why)>;

/// A file that is not there has no rows.
result<adapters::row_report> reencrypt_file(
    const std::filesystem::path& file,
    std::string_view schema,
    std::span<const adapters::encrypted_column> columns,
    const adapters::encryption_keys& keys,
    const failure_listener& on_failure
) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return adapters::row_report{};
  }
  auto database = adapters::sqlite_database::open(file);
  if (!database) {
    return std::move(database).error();
  }
  return adapters::reencrypt_rows(*database, schema, columns, keys, on_failure);
}

result<adapters::row_report> reencrypt_jobs(
    const settings& config, const failure_listener& on_failure
) {
  if (config.queue_backend == "redis") {
    const auto queue = redis_queue_from(config);
    return queue ? adapters::reencrypt_redis_jobs(*queue, on_failure) : queue.error();
  }
  return reencrypt_file(
      jobs_file(config.data_dir), adapters::sqlite_jobs::schema_name,
      adapters::sqlite_jobs::encrypted_columns, keys_from(config), on_failure
  );
}

result<adapters::row_report> reencrypt_records(
    const settings& config, const failure_listener& on_failure
) {
  return reencrypt_file(
      records_file(config.data_dir), adapters::sqlite_records_schema,
      adapters::encrypted_record_columns, keys_from(config), on_failure
  );
}

result<adapters::row_report> reencrypt_outbox(
    const settings& config, const failure_listener& on_failure
) {
  if (!config.database_url.empty()) {
    const auto options = postgres_outbox_from(config, {});
    return options ? adapters::reencrypt_postgres_outbox(*options, on_failure) : options.error();
  }
  return reencrypt_file(
      records_file(config.data_dir), adapters::sqlite_outbox_schema,
      adapters::encrypted_outbox_columns, keys_from(config), on_failure
  );
}

}  // namespace

result<adapters::row_report> reencrypt_rows(
    const settings& config, const std::function<void(const failure& why)>& on_failure
) {
  adapters::row_report all;
  for (auto* const reencrypt_some : {reencrypt_jobs, reencrypt_records, reencrypt_outbox}) {
    auto some = reencrypt_some(config, on_failure);
    if (!some) {
      return some;
    }
    all += *some;
  }
  return all;
}

}  // namespace stayler::app
