// SPDX-License-Identifier: MIT
#include "app/worker/service.hpp"

#include "actors/message_types.hpp"
#include "app/worker/json_log.hpp"
#include "app/worker/signals.hpp"
#include "http/api/api.hpp"
#include "http/server/server.hpp"
#include "messages/uuid.hpp"

#include <caf/all.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <filesystem>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace stayler::app {

namespace {

using actors::service_ports;

constexpr int exit_ok = 0;
constexpr int exit_failure = 1;

/// After the drain's own timeout the rest of the shutdown takes this long at most.
constexpr std::chrono::seconds shutdown_margin{30};

/// Answers under way get this long when the HTTP front end stops.
constexpr std::chrono::seconds http_grace{2};

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

/// The HTTP front end: the API and, on a port of its own, what probes and scrapers ask.
class front_end {
 public:
  void_result start(
      caf::actor_system& system, const actors::supervisor_impl& supervisor, const settings& config
  );
  void stop();
  [[nodiscard]] std::uint16_t port() const { return api_->port(); }

 private:
  std::unique_ptr<http::server> api_;
  std::unique_ptr<http::server> health_;
};

/// Waits until a signal or the supervisor's end; true where a signal came first.
bool wait_for_the_end(caf::scoped_actor& self) {
  bool was_signal = false;
  self->receive(
      [&](shutdown_atom, int signal) {
        was_signal = true;
        spdlog::info("signal {} received", signal);
      },
      [&](const caf::down_msg&) { spdlog::critical("the supervisor has given up"); }
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
            spdlog::error("shutdown failed: {}", actors::to_failure(reason).message);
          }
      );
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
  auto records = adapters::open_sqlite_record_store(folder / "stayler.db");
  if (!records) {
    return std::move(records).error();
  }
  auto blobs = adapters::open_folder_blob_store(folder / "blobs");
  if (!blobs) {
    return std::move(blobs).error();
  }
  service_ports ports;
  ports.clock = std::make_shared<adapters::system_wall_clock>();
  ports.jobs = adapters::make_memory_job_store();
  ports.records = std::move(*records);
  ports.blobs = std::move(*blobs);
  ports.http = adapters::make_curl_http_client();
  ports.codec = adapters::make_magick_image_codec(limits_from(config));
  ports.notifications = make_channel(config, *ports.http);
  ports.metrics = adapters::make_prometheus_registry(STAYLER_VERSION);
  ports.node = host_name();
  // Host and a new id for each start: a restart under the same name hides no orphaned lease.
  ports.owner = ports.node + "/" + to_string(make_uuid_v7(std::chrono::system_clock::now()));
  return ports;
}

void configure_log(const settings& config) {
  // stdout is for what programs read: the line that says where the service listens.
  spdlog::set_default_logger(spdlog::stderr_logger_mt("stayler"));
  spdlog::set_level(spdlog::level::from_str(config.log_level));
  if (config.log_format == "json") {
    spdlog::set_formatter(std::make_unique<json_line_formatter>());
  } else {
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  }
}

int run_service(const settings& config) {
  stop_signals::block();
  configure_log(config);
  auto ports = open_ports(config);
  if (!ports) {
    spdlog::critical("{}", ports.error().message);
    return exit_failure;
  }
  caf::actor_system_config actor_config;
  actors::add_message_types(actor_config);
  caf::actor_system system{actor_config};
  caf::scoped_actor self{system};

  actors::supervisor_options options;
  options.tree = actors::make_service_tree(*ports);
  options.config = config;
  options.clock = ports->clock;
  const auto supervisor = self->spawn<caf::monitored>(actors::supervisor, std::move(options));

  const auto mailbox = caf::actor_cast<caf::actor>(self);
  const stop_signals signals{
      [mailbox](int signal) { caf::anon_send(mailbox, shutdown_atom_v, signal); }};

  front_end front;
  if (auto started = front.start(system, supervisor, config); !started) {
    spdlog::critical("{}", started.error().message);
    shut_down(self, supervisor, config);
    return exit_failure;
  }
  std::cout << "stayler-worker listening on http://" << config.http_address << ':' << front.port()
            << std::endl;
  const int code = wait_for_the_end(self) ? shut_down(self, supervisor, config) : exit_failure;
  front.stop();
  // Their threads speak to actors: they end before the actor system does.
  ports->notifications.reset();
  ports->http.reset();
  spdlog::info("stopped");
  return code;
}

}  // namespace stayler::app
