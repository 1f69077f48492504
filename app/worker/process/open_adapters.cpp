// SPDX-License-Identifier: MIT
#include "app/worker/process/open_adapters.hpp"

#include "actors/provider/result_cache.hpp"
#include "adapters/blob_store/blob_store_schemes.hpp"
#include "adapters/blob_store/encrypted_blob_store.hpp"
#include "adapters/blob_store/folder_blob_store.hpp"
#include "adapters/encryption/encrypted_bytes.hpp"
#include "adapters/event_feed/memory_event_feed.hpp"
#include "adapters/event_feed/redis_event_feed.hpp"
#include "adapters/http_client/curl_http_client.hpp"
#include "adapters/image_codec/cache/caching_image_codec.hpp"
#include "adapters/image_codec/process/process_image_codec.hpp"
#include "adapters/image_source/web_image_source.hpp"
#include "adapters/job_store/decorators/event_publishing_job_store.hpp"
#include "adapters/job_store/decorators/history_job_store.hpp"
#include "adapters/job_store/decorators/synchronized_job_store.hpp"
#include "adapters/job_store/decorators/tracing_job_store.hpp"
#include "adapters/job_store/memory/memory_job_store.hpp"
#include "adapters/job_store/redis/redis_job_store.hpp"
#include "adapters/job_store/sqlite/sqlite_job_store.hpp"
#include "adapters/limit_exchange/redis_limit_exchange.hpp"
#include "adapters/metrics_registry/prometheus/prometheus_registry.hpp"
#include "adapters/notification_channel/job_hook_channel.hpp"
#include "adapters/notification_channel/log_channel.hpp"
#include "adapters/notification_channel/redis_channel.hpp"
#include "adapters/notification_channel/secrets/web_hook_secrets.hpp"
#include "adapters/notification_channel/tracing_channel.hpp"
#include "adapters/notification_channel/web_hook_channel.hpp"
#include "adapters/outbox/postgres_outbox.hpp"
#include "adapters/outbox/sqlite_outbox.hpp"
#include "adapters/record_store/postgres/postgres_record_store.hpp"
#include "adapters/record_store/sqlite/sqlite_record_store.hpp"
#include "adapters/result_cache/folder_result_cache.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "app/worker/process/registry_options.hpp"
#include "app/worker/process/store_options.hpp"
#include "messages/base/uuid.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace stayler::app {

namespace {

using actors::service_adapters;

std::string host_name() {
  std::array<char, 256> buffer{};
  return gethostname(buffer.data(), buffer.size() - 1) == 0 ? buffer.data() : "localhost";
}

/// The keys that sign web hooks. The option's form was checked when it was read.
std::vector<std::string> hook_keys_from(const settings& config) {
  return adapters::parse_web_hook_secrets(config.webhook_secret).value();
}

std::unique_ptr<adapters::notification_channel> make_usual_channel(
    const settings& config, adapters::http_client& client
) {
  if (!config.notify_channel.empty()) {
    if (auto server = redis_server_from(config)) {
      return adapters::make_redis_channel(std::move(*server), config.notify_channel);
    }
  }
  if (config.webhook_url.empty()) {
    return adapters::make_log_channel();
  }
  return adapters::make_web_hook_channel(
      client, {config.webhook_url, hook_keys_from(config), config.webhook_timeout}
  );
}

/// Also where no job may have a web hook of its own any more: what an earlier process has left for
/// one must not go to others.
std::shared_ptr<adapters::notification_channel> make_channel(
    const settings& config, adapters::http_client& client, const adapters::span_buffer_ptr& spans
) {
  auto channel = adapters::make_job_hook_channel(
      make_usual_channel(config, client),
      {adapters::webhook_url_rules_from(config), hook_keys_from(config), config.webhook_timeout}
  );
  return spans ? adapters::make_tracing_channel(std::move(channel), spans) : std::move(channel);
}

void record_traces(service_adapters& ports, const settings& config) {
  if (!adapters::traces_url(config.tracing).empty()) {
    ports.spans = std::make_shared<adapters::span_buffer>();
    ports.span_source = {config.tracing.service_name, ports.version, ports.instance_id, ports.node};
  }
}

adapters::codec_limits limits_from(const settings& config) {
  adapters::codec_limits limits;
  limits.max_bytes = config.max_image_bytes;
  limits.max_pixels = config.max_image_pixels;
  limits.max_jpeg_pixels = config.max_jpeg_pixels;
  limits.max_side = config.max_image_side;
  return limits;
}

adapters::sandbox_mode sandbox_mode_from(const settings& config) {
  if (config.codec_sandbox == "off") {
    return adapters::sandbox_mode::off;
  }
  return config.codec_sandbox == "trap" ? adapters::sandbox_mode::trap : adapters::sandbox_mode::on;
}

std::size_t codec_processes_from(const settings& config) {
  constexpr unsigned most = 8;  // each takes memory, idle or not
  const auto cores = std::clamp(std::thread::hardware_concurrency(), 1U, most);
  return config.codec_processes != 0 ? config.codec_processes : cores;
}

/// The codec's program lies beside this one or, where that is in a folder of commands, in libexec.
std::filesystem::path find_codec() {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  const auto installed = self.parent_path() / "libexec/stayler/stayler-codec";
  return std::filesystem::exists(installed, failed) ? installed : self / "stayler-codec";
}

result<std::unique_ptr<adapters::image_codec>> start_codec(const settings& config) {
  adapters::process_image_codec_options options;
  options.program = find_codec();
  options.limits = limits_from(config);
  options.sandbox = sandbox_mode_from(config);
  options.processes = codec_processes_from(config);
  auto started = adapters::make_process_image_codec(options);
  if (!started && options.sandbox != adapters::sandbox_mode::off) {
    started.error().message += " (CODEC_SANDBOX=off runs it without its sandbox)";
  }
  if (started && config.codec_cache_bytes > 0) {
    return adapters::make_caching_image_codec(std::move(*started), config.codec_cache_bytes);
  }
  return started;
}

using store_result = result<std::unique_ptr<adapters::job_store>>;

store_result open_redis(const settings& config) {
  const auto queue = redis_queue_from(config);
  if (!queue) {
    return queue.error();
  }
  auto opened = adapters::open_redis_job_store(*queue);
  if (!opened) {
    opened.error().message = "REDIS_URL: " + opened.error().message;
  }
  return opened;
}

/// Coordinators that share a queue share the provider's limits.
std::shared_ptr<adapters::limit_exchange> open_limit_exchange(
    const settings& config, const std::string& instance_id
) {
  if (config.queue_backend != "redis") {
    return nullptr;
  }
  // The job store has checked the text.
  auto server = redis_server_from(config).value();
  adapters::redis_limit_exchange_options options;
  options.server = std::move(server);
  options.queue = config.queue_name;
  options.instance_id = instance_id;
  options.keys = keys_from(config);
  return adapters::make_redis_limit_exchange(std::move(options));
}

store_result open_sqlite(const settings& config, const std::filesystem::path& folder) {
  adapters::sqlite_job_store_options options;
  options.keys = keys_from(config);
  if (config.sqlite_synchronous == "normal") {
    options.synchronous = adapters::sqlite_job_store_options::durability::normal;
  }
  return adapters::open_sqlite_job_store(jobs_file(folder), options);
}

store_result open_backend(const settings& config, const std::filesystem::path& folder) {
  if (config.queue_backend == "memory") {
    return adapters::make_memory_job_store();
  }
  return config.queue_backend == "redis" ? open_redis(config) : open_sqlite(config, folder);
}

/// Coordinators that share jobs share what is told of them.
result<std::shared_ptr<adapters::event_feed>> open_event_feed(const settings& config) {
  if (config.queue_backend != "redis") {
    return adapters::make_memory_event_feed();
  }
  auto server = redis_server_from(config);
  if (!server) {
    return std::move(server).error();
  }
  return adapters::make_redis_event_feed({std::move(*server), config.queue_name, keys_from(config)}
  );
}

result<std::shared_ptr<adapters::job_store>> open_job_store(
    const settings& config,
    const std::filesystem::path& folder,
    const service_adapters& ports,
    const std::shared_ptr<adapters::event_feed>& events
) {
  auto opened = open_backend(config, folder);
  if (opened && !config.history_file.empty()) {
    opened = adapters::open_history_job_store(
        std::move(*opened), config.history_file, ports.instance_id, config.history_retention
    );
  }
  if (!opened) {
    return std::move(opened).error();
  }
  if (ports.spans) {
    opened = adapters::make_tracing_job_store(std::move(*opened), ports.spans);
  }
  opened = adapters::make_event_publishing_job_store(std::move(*opened), events);
  return std::shared_ptr{adapters::make_synchronized_job_store(std::move(*opened))};
}

/// The image store as it is: a folder, or what STORAGE_URL names.
result<std::unique_ptr<adapters::blob_store>> open_plain_blob_store(
    const settings& config, const std::filesystem::path& folder
) {
  if (config.storage_url.empty()) {
    return adapters::open_folder_blob_store(folder / "blobs");
  }
  const auto* scheme = adapters::find_blob_store_scheme(config.storage_url);
  if (scheme == nullptr) {
    return failure{error_class::invalid_input, "STORAGE_URL: no kind of store has its scheme"};
  }
  return scheme->open(config);
}

/// By one of them. A store that cannot be listed says no: its encrypted blobs are refused when they
/// are read.
bool holds_encrypted_blobs(adapters::blob_store& store) {
  bool is_encrypted = false;
  static_cast<void>(store.visit([&](const std::string& key) {
    const auto begin = store.get_part(key, 0, adapters::encryption_header_size);
    is_encrypted = begin && adapters::read_encryption_header(*begin->bytes);
    return false;
  }));
  return is_encrypted;
}

/// The image store as the service has it, which decrypts what it reads.
result<std::unique_ptr<adapters::blob_store>> open_blob_store(
    const settings& config,
    const std::filesystem::path& folder,
    const adapters::encryption_keys& keys
) {
  auto store = open_plain_blob_store(config, folder);
  if (store && !keys.are_set() && holds_encrypted_blobs(**store)) {
    return failure{
        error_class::invalid_input,
        "WORKER_ENCRYPTION_KEYS is not set, but the stored images are encrypted"};
  }
  return store ? adapters::make_encrypted_blob_store(std::move(*store), keys) : std::move(store);
}

/// Null where no URL is allowed.
std::shared_ptr<adapters::image_source> make_image_source(const settings& config) {
  adapters::image_source_options options;
  options.rules = adapters::image_url_rules_from(config);
  options.max_bytes = config.max_image_bytes;
  options.authorities = config.ca_file;
  return options.rules.hosts.empty() ? nullptr
                                     : adapters::make_web_image_source(std::move(options));
}

result<std::unique_ptr<adapters::record_store>> open_records(
    const settings& config, const std::filesystem::path& folder
) {
  if (config.database_url.empty()) {
    return adapters::open_sqlite_record_store(records_file(folder), keys_from(config));
  }
  auto server = adapters::parse_postgres_url(config.database_url);
  if (!server) {
    return std::move(server).error();
  }
  return adapters::open_postgres_record_store(*server);
}

result<std::unique_ptr<adapters::outbox>> open_outbox(
    const settings& config, const std::filesystem::path& folder, const std::string& instance_id
) {
  if (config.database_url.empty()) {
    return adapters::open_sqlite_outbox(records_file(folder), keys_from(config));
  }
  const auto options = postgres_outbox_from(config, instance_id);
  return options ? adapters::open_postgres_outbox(*options) : options.error();
}

/// What was removed from the SQLite files is overwritten there (secure_delete); what is left of it
/// is in their logs, which are emptied here.
std::function<void_result()> make_scrub(
    const settings& config, const std::filesystem::path& folder
) {
  std::vector<std::filesystem::path> files;
  if (config.queue_backend == "sqlite") {
    files.push_back(jobs_file(folder));
  }
  if (config.database_url.empty()) {
    files.push_back(records_file(folder));
  }
  return [files]() -> void_result {
    for (const auto& file : files) {
      if (auto emptied = adapters::empty_write_ahead_log(file); !emptied) {
        return emptied;
      }
    }
    return ok();
  };
}

/// What every process has, whatever its role.
result<service_adapters> open_common_ports(
    const settings& config, const std::filesystem::path& folder
) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    return failure{
        error_class::unavailable,
        "WORKER_DATA_DIR: cannot make " + folder.string() + ": " + failed.message()};
  }
  service_adapters ports;
  ports.clock = std::make_shared<adapters::system_wall_clock>();
  ports.node = node_name_of(config);
  // Host and a new id for each start: a restart under the same name hides no orphaned lease.
  ports.instance_id = ports.node + "/" + to_string(make_uuid_v7(std::chrono::system_clock::now()));
  ports.version = STAYLER_VERSION;
  record_traces(ports, config);
  const auto keys = keys_from(config);
  auto blobs = open_blob_store(config, folder, keys);
  if (!blobs) {
    return std::move(blobs).error();
  }
  auto cache = adapters::open_folder_result_cache(
      folder / "cache", actors::result_cache_limits_from(config), ports.clock, keys
  );
  if (!cache) {
    return std::move(cache).error();
  }
  ports.blobs = std::move(*blobs);
  ports.has_remote_blobs = !config.storage_url.empty();
  ports.cache = std::move(*cache);
  ports.http = adapters::make_curl_http_client(10'000, {}, adapters::outgoing_calls_from(config));
  ports.web_images = make_image_source(config);
  auto codec = start_codec(config);
  if (!codec) {
    return std::move(codec).error();
  }
  ports.codec = std::move(*codec);
  ports.codec_processes = codec_processes_from(config);
  ports.detached_threads = adapters::make_detached_threads();
  ports.metrics = adapters::make_prometheus_registry(registry_options_from(config));
  return ports;
}

}  // namespace

std::string node_name_of(const settings& config) {
  return config.node_name.empty() ? host_name() : config.node_name;
}

void_result check_blob_store(const settings& config) {
  const auto* scheme = adapters::find_blob_store_scheme(config.storage_url);
  return scheme == nullptr ? ok() : scheme->check(config);
}

result<service_adapters> open_adapters(const settings& config) {
  const std::filesystem::path folder{config.data_dir};
  auto ports = open_common_ports(config, folder);
  if (!ports) {
    return ports;
  }
  auto events = open_event_feed(config);
  if (!events) {
    return std::move(events).error();
  }
  auto jobs = open_job_store(config, folder, *ports, *events);
  if (!jobs) {
    return std::move(jobs).error();
  }
  auto records = open_records(config, folder);
  if (!records) {
    return std::move(records).error();
  }
  auto outbox = open_outbox(config, folder, ports->instance_id);
  if (!outbox) {
    return std::move(outbox).error();
  }
  ports->jobs = std::move(*jobs);
  ports->events = std::move(*events);
  ports->records = std::move(*records);
  ports->notifications = make_channel(config, *ports->http, ports->spans);
  ports->outbox = std::move(*outbox);
  ports->scrub = make_scrub(config, folder);
  ports->exchange = open_limit_exchange(config, ports->instance_id);
  return ports;
}

result<service_adapters> open_node_ports(const settings& config) {
  return open_common_ports(config, config.data_dir);
}

result<std::unique_ptr<adapters::blob_store>> open_stored_blobs(const settings& config) {
  return open_plain_blob_store(config, config.data_dir);
}

}  // namespace stayler::app
