// SPDX-License-Identifier: MIT
#include "app/worker/service.hpp"

#include "actors/message_types.hpp"
#include "actors/result_cache.hpp"
#include "adapters/audit/audit_trail.hpp"
#include "adapters/blob_store/s3_blob_store.hpp"
#include "adapters/job_store/journaled_job_store.hpp"
#include "adapters/job_store/redis_job_store.hpp"
#include "adapters/job_store/serial_job_store.hpp"
#include "adapters/job_store/sqlite_job_store.hpp"
#include "adapters/log/log.hpp"
#include "adapters/outbox/postgres_outbox.hpp"
#include "adapters/peer_board/redis_peer_board.hpp"
#include "adapters/record_store/postgres_record_store.hpp"
#include "app/worker/exit_guard.hpp"
#include "app/worker/signals.hpp"
#include "http/api/api.hpp"
#include "http/server/server.hpp"
#include "messages/uuid.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace stayler::app {

namespace {

using actors::service_ports;

constexpr adapters::logger log{adapters::subsystem::service};

constexpr int exit_ok = 0;
constexpr int exit_failure = 1;

/// After the drain's own timeout the rest of the shutdown takes this long at most.
constexpr std::chrono::seconds shutdown_margin{30};

/// How long an actor may take for an answer to an HTTP request.
constexpr milliseconds answer_timeout{10'000};

/// What is left when everything has been closed ends at once, or never.
constexpr std::chrono::seconds exit_patience{3};

/// Answers under way get this long when the HTTP front end stops.
constexpr std::chrono::seconds http_grace{2};

/// Calls of the image codec and of a remote image store under way get this long when everything
/// else has ended.
constexpr std::chrono::seconds call_grace{2};

std::string host_name() {
  std::array<char, 256> buffer{};
  return gethostname(buffer.data(), buffer.size() - 1) == 0 ? buffer.data() : "localhost";
}

std::shared_ptr<adapters::notification_channel> make_channel(
    const settings& config, adapters::http_client& client
) {
  if (config.webhook_url.empty()) {
    return adapters::make_log_channel();
  }
  return adapters::make_web_hook_channel(client, {config.webhook_url, config.webhook_secret});
}

adapters::codec_limits limits_from(const settings& config) {
  adapters::codec_limits limits;
  limits.max_bytes = config.max_image_bytes;
  limits.max_pixels = config.max_image_pixels;
  return limits;
}

using store_result = result<std::unique_ptr<adapters::job_store>>;

store_result open_redis(const settings& config) {
  auto server = adapters::parse_redis_url(config.redis_url);
  if (!server) {
    return std::move(server).error();
  }
  return adapters::open_redis_job_store({std::move(*server), config.queue_name, {}});
}

/// Coordinators that share a queue share the provider's limits.
std::shared_ptr<adapters::peer_board> make_board(const settings& config, const std::string& owner) {
  if (config.queue_backend != "redis") {
    return nullptr;
  }
  // The job store has checked the text.
  auto server = adapters::parse_redis_url(config.redis_url).value();
  return adapters::make_redis_peer_board({std::move(server), config.queue_name, owner});
}

/// Jobs have a file of their own: in one file with the records each would wait for the other's
/// flushes.
store_result open_sqlite(const settings& config, const std::filesystem::path& folder) {
  adapters::sqlite_job_store_options options;
  if (config.sqlite_synchronous == "normal") {
    options.synchronous = adapters::sqlite_job_store_options::durability::normal;
  }
  return adapters::open_sqlite_job_store(folder / "jobs.db", options);
}

store_result open_backend(const settings& config, const std::filesystem::path& folder) {
  if (config.queue_backend == "memory") {
    return adapters::make_memory_job_store();
  }
  return config.queue_backend == "redis" ? open_redis(config) : open_sqlite(config, folder);
}

result<std::shared_ptr<adapters::job_store>> open_job_store(
    const settings& config, const std::filesystem::path& folder, const std::string& process
) {
  auto opened = open_backend(config, folder);
  if (opened && !config.history_file.empty()) {
    opened = adapters::open_journaled_job_store(std::move(*opened), config.history_file, process);
  }
  if (!opened) {
    return std::move(opened).error();
  }
  return std::shared_ptr{adapters::make_serial_job_store(std::move(*opened))};
}

/// The image store: a folder, or what STORAGE_URL names.
result<std::unique_ptr<adapters::blob_store>> open_blob_store(
    const settings& config, const std::filesystem::path& folder
) {
  if (config.storage_url.empty()) {
    return adapters::open_folder_blob_store(folder / "blobs");
  }
  auto where = adapters::parse_s3_url(config.storage_url);
  if (!where) {
    return std::move(where).error();
  }
  adapters::s3_options options;
  options.where = std::move(*where);
  options.credentials = {config.s3_access_key_id, config.s3_secret_access_key};
  return adapters::make_s3_blob_store(std::move(options));
}

/// Null where no URL is allowed.
std::shared_ptr<adapters::image_source> make_image_source(const settings& config) {
  adapters::image_source_options options;
  options.rules = adapters::image_url_rules_from(config);
  options.max_bytes = config.max_image_bytes;
  return options.rules.hosts.empty() ? nullptr
                                     : adapters::make_web_image_source(std::move(options));
}

result<std::unique_ptr<adapters::record_store>> open_records(
    const settings& config, const std::filesystem::path& folder
) {
  if (config.database_url.empty()) {
    return adapters::open_sqlite_record_store(folder / "stayler.db");
  }
  auto server = adapters::parse_postgres_url(config.database_url);
  if (!server) {
    return std::move(server).error();
  }
  return adapters::open_postgres_record_store(*server);
}

result<std::unique_ptr<adapters::outbox>> open_outbox(
    const settings& config, const std::filesystem::path& folder, const std::string& process
) {
  if (config.database_url.empty()) {
    return adapters::open_sqlite_outbox(folder / "stayler.db");
  }
  adapters::postgres_outbox_options options;
  auto server = adapters::parse_postgres_url(config.database_url);
  if (!server) {
    return std::move(server).error();
  }
  options.server = std::move(*server);
  options.owner = process;
  return adapters::open_postgres_outbox(options);
}

result<std::unique_ptr<adapters::audit_trail>> open_audit_trail(const settings& config) {
  if (config.audit_file.empty()) {
    return adapters::make_log_audit_trail();
  }
  return adapters::open_file_audit_trail(config.audit_file);
}

/// The HTTP front end: the API and, on a port of its own, what probes and scrapers ask.
class front_end {
 public:
  front_end(caf::actor_system& system, const actors::supervisor_impl& supervisor)
      : bridge_(system, supervisor, answer_timeout) {}

  void_result start(
      const settings& config, const std::string& node, std::shared_ptr<adapters::audit_trail> audit
  ) {
    http::api_options options;
    options.version = STAYLER_VERSION;
    options.worker_id = node;
    options.max_image_bytes = config.max_image_bytes;
    options.audit = std::move(audit);
    http::server_options server;
    server.address = config.http_address;
    server.port = config.http_port;
    server.body_limit = [options](std::string_view method, std::string_view path) {
      return http::body_limit(options, method, path);
    };
    if (auto failed = listen(api_, server, http::make_api(bridge_, options)); !failed) {
      return failed;
    }
    if (!config.enable_health_check) {
      return ok();
    }
    server.port = config.health_check_port;
    return listen(health_, server, http::make_health_api(bridge_, options));
  }

  void stop() {
    for (auto* one : {&api_, &health_}) {
      if (*one) {
        (*one)->stop(http_grace);
      }
    }
    bridge_.stop();
  }

  [[nodiscard]] std::uint16_t port() const { return api_->port(); }
  [[nodiscard]] std::uint16_t health_port() const { return health_ ? health_->port() : 0; }

 private:
  static void_result listen(
      std::unique_ptr<http::server>& where,
      const http::server_options& options,
      http::handler handler
  ) {
    auto started = http::server::start(options, std::move(handler));
    if (!started) {
      return std::move(started).error();
    }
    where = std::move(*started);
    return ok();
  }

  http::bridge bridge_;
  std::unique_ptr<http::server> api_;
  std::unique_ptr<http::server> health_;
};

/// An address as it stands in a URL.
std::string in_url(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

/// Waits until a signal or the supervisor's end; true where a signal came first.
bool wait_for_the_end(caf::scoped_actor& self) {
  bool was_signal = false;
  self->receive(
      [&](shutdown_atom, int signal) {
        was_signal = true;
        log.info("signal received", {{"signal", signal}});
      },
      [&](const caf::down_msg&) { log.critical("the supervisor has given up"); }
  );
  return was_signal;
}

int shut_down(
    caf::scoped_actor& self, const actors::supervisor_impl& supervisor, const settings& config
) {
  int code = exit_failure;
  const milliseconds timeout = config.shutdown_timeout;
  self->request(supervisor, timeout + shutdown_margin, shutdown_atom_v, timeout)
      .receive(
          [&](unit_value) { code = exit_ok; },
          [&](const caf::error& reason) {
            const failure why = actors::to_failure(reason);
            log.error("shutdown failed", {{"errorClass", why.kind}, {"reason", why.message}});
          }
      );
  return code;
}

/// Each provider call in flight holds a connection: the usual limit of 1,024 files is too few.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

/// How many actors may be stuck, each with a thread of the scheduler, while the others still run.
std::uint32_t bearable_losses(caf::actor_system& system, std::uint32_t most) {
  constexpr std::uint32_t threads_needed = 2;
  const auto threads = static_cast<std::uint32_t>(system.scheduler().num_workers());
  return std::min(most, std::max(threads, threads_needed) - threads_needed);
}

/// Runs the actors and the front end over these ports, and closes them in the end.
int serve(
    const settings& config, service_ports ports, std::shared_ptr<adapters::audit_trail> audit
) {
  exit_guard guard;  // outlives the actor system
  caf::actor_system_config actor_config;
  actors::add_message_types(actor_config);
  caf::actor_system system{actor_config};
  caf::scoped_actor self{system};

  actors::supervisor_options options;
  options.tree = actors::make_service_tree(ports, config.ping_timeout);
  options.config = config;
  options.clock = ports.clock;
  options.max_restarts = config.max_restarts;
  options.restart_window = config.restart_window;
  options.worker_ping_timeout = config.ping_timeout;
  options.ping_interval = std::min(options.ping_interval, config.ping_timeout / 4);
  options.max_written_off = bearable_losses(system, options.max_written_off);
  // On a thread of its own: it has to act when all others are stuck.
  const auto supervisor =
      self->spawn<caf::monitored + caf::detached>(actors::supervisor, std::move(options));

  const auto mailbox = caf::actor_cast<caf::actor>(self);
  const stop_signals signals{
      [mailbox](int signal) { caf::anon_send(mailbox, shutdown_atom_v, signal); }};

  front_end front{system, supervisor};
  if (auto started = front.start(config, ports.node, std::move(audit)); !started) {
    log.critical(started.error().message);
    front.stop();
    shut_down(self, supervisor, config);
    return exit_failure;
  }
  const std::string host = "http://" + in_url(config.http_address) + ":";
  if (front.health_port() != 0) {
    std::cout << "stayler-worker probes on " << host << front.health_port() << '\n';
  }
  std::cout << "stayler-worker listening on " << host << front.port() << std::endl;
  const int code = wait_for_the_end(self) ? shut_down(self, supervisor, config) : exit_failure;
  front.stop();
  // Their threads speak to actors: they end before the actor system does.
  ports.notifications.reset();
  ports.web_images.reset();
  ports.http.reset();
  ports.call_threads->wait_for_all(call_grace);
  log.info("stopped");
  guard.arm(code, exit_patience);
  return code;
}

}  // namespace

result<service_ports> open_ports(const settings& config) {
  const std::filesystem::path folder{config.data_dir};
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    return failure{
        error_class::unavailable,
        "WORKER_DATA_DIR: cannot make " + folder.string() + ": " + failed.message(),
        {}};
  }
  const std::string node = host_name();
  // Host and a new id for each start: a restart under the same name hides no orphaned lease.
  const std::string owner = node + "/" + to_string(make_uuid_v7(std::chrono::system_clock::now()));
  auto jobs = open_job_store(config, folder, owner);
  if (!jobs) {
    return std::move(jobs).error();
  }
  auto records = open_records(config, folder);
  if (!records) {
    return std::move(records).error();
  }
  auto blobs = open_blob_store(config, folder);
  if (!blobs) {
    return std::move(blobs).error();
  }
  auto outbox = open_outbox(config, folder, owner);
  if (!outbox) {
    return std::move(outbox).error();
  }
  service_ports ports;
  ports.clock = std::make_shared<adapters::system_wall_clock>();
  auto cache = adapters::open_folder_result_cache(
      folder / "cache", actors::result_cache_limits_from(config), ports.clock
  );
  if (!cache) {
    return std::move(cache).error();
  }
  ports.jobs = std::move(*jobs);
  ports.records = std::move(*records);
  ports.blobs = std::move(*blobs);
  ports.has_remote_blobs = !config.storage_url.empty();
  ports.cache = std::move(*cache);
  ports.http = adapters::make_curl_http_client();
  ports.web_images = make_image_source(config);
  ports.codec = adapters::make_magick_image_codec(limits_from(config));
  ports.call_threads = adapters::make_call_threads();
  ports.notifications = make_channel(config, *ports.http);
  ports.outbox = std::move(*outbox);
  ports.metrics = adapters::make_prometheus_registry(STAYLER_VERSION);
  ports.node = node;
  ports.owner = owner;
  ports.board = make_board(config, owner);
  return ports;
}

int run_service(const settings& config) {
  stop_signals::block();
  raise_file_limit();
  adapters::configure_log(config);
  auto ports = open_ports(config);
  if (!ports) {
    log.critical(ports.error().message);
    return exit_failure;
  }
  auto audit = open_audit_trail(config);
  if (!audit) {
    log.critical(audit.error().message);
    return exit_failure;
  }
  const auto call_threads = ports->call_threads;
  const int code = serve(config, std::move(*ports), std::move(*audit));
  if (!call_threads->wait_for_all(std::chrono::seconds{0})) {
    log.error("calls of the image codec or the image store have not come back: leaving without them"
    );
    // The usual exit would tear down what they use.
    std::quick_exit(code);
  }
  return code;
}

}  // namespace stayler::app
