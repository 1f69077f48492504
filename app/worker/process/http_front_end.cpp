// SPDX-License-Identifier: MIT
#include "app/worker/process/http_front_end.hpp"

#include "adapters/config/settings_rules.hpp"
#include "adapters/log/log.hpp"
#include "adapters/url/web_origins.hpp"
#include "app/worker/process/watched_files/tls_files.hpp"
#include "http/api/access/authorizer.hpp"
#include "http/api/browsers/browser_headers.hpp"
#include "http/server/connections/connection_places.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace stayler::app {

namespace {

using adapters::logs::service::log;

/// How long an actor may take for an answer to an HTTP request.
constexpr milliseconds answer_timeout{10'000};

/// Answers under way get this long when the HTTP front end stops.
constexpr std::chrono::seconds http_grace{2};

/// Probes and scrapers need few connections; the port asks for no key.
constexpr std::size_t probe_connections = 64;

/// The part of all connections that one address may hold.
constexpr std::size_t share_of_an_address = 4;

void limit_connections(http::server_options& server, std::size_t limit) {
  server.max_connections = limit;
  server.max_connections_per_address = std::max(limit / share_of_an_address, std::size_t{1});
}

std::size_t api_connections() {
  rlimit files{};
  return http::connections_for(
      getrlimit(RLIMIT_NOFILE, &files) == 0 ? std::uint64_t{files.rlim_cur} : 0
  );
}

/// An address as it stands in a URL.
std::string in_url(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

/// Null where no keys are configured: then everybody on this machine may do everything.
std::shared_ptr<http::authorizer> make_authorizer(const settings& config) {
  auto keys = adapters::parse_caller_keys(config.api_keys);
  if (!keys || keys->empty()) {
    log.info(
        "no API keys (WORKER_API_KEYS): the API takes all calls, and listens on loopback only",
        {{"address", config.http_address}}
    );
    return nullptr;
  }
  const http::rate_rule rule{config.rate_limit, static_cast<double>(config.rate_burst)};
  return std::make_shared<http::authorizer>(
      *std::move(keys), rule, http::link_signer{config.link_secret},
      http::session_signer{config.link_secret, has_tls(config)}
  );
}

/// Says on stdout where a port is, for people and for tests.
void tell(
    std::string_view what, std::string_view scheme, const std::string& address, std::uint16_t port
) {
  std::cout << "stayler-worker " << what << " on " << scheme << "://" << in_url(address) << ':'
            << port << std::endl;
}

void add_browser_headers(
    http::server_options& to,
    milliseconds hsts_max_age,
    const std::vector<std::string>& allowed_origins
) {
  const auto headers = std::make_shared<const http::browser_headers>(
      std::chrono::floor<std::chrono::seconds>(hsts_max_age), allowed_origins
  );
  to.standing_headers = [headers](const http::request& head) { return &headers->of(head); };
}

void_result listen(
    std::unique_ptr<http::server>& where, const http::server_options& options, http::handler handler
) {
  auto started = http::server::start(options, std::move(handler));
  if (!started) {
    return std::move(started).error();
  }
  where = std::move(*started);
  return ok();
}

}  // namespace

front_end::front_end(caf::actor_system& system, const supervisor_actor& supervisor)
    : bridge_(system, supervisor, answer_timeout) {}

void_result front_end::start(
    const settings& config,
    const actors::service_adapters& ports,
    std::shared_ptr<adapters::audit_trail> audit,
    std::function<timestamp()> node_certificate_expiry
) {
  const bool has_api = audit != nullptr;
  http::api_options options;
  options.version = STAYLER_VERSION;
  options.worker_id = ports.node;
  options.instance_name = config.instance_name;
  options.signing_secret = config.link_secret;
  options.events = ports.events;
  options.tags = ports.tags;
  options.tracing = {ports.spans, {config.tracing.sampler, config.tracing.sampler_ratio}};
  options.max_image_bytes = config.max_image_bytes;
  options.audit = std::move(audit);
  options.node_certificate_expiry = std::move(node_certificate_expiry);
  if (has_api) {
    options.routes = http::list_routes(bridge_, options);
    options.event_streams = std::make_shared<http::stream_tickets>(
        options.max_event_streams, options.max_event_streams_per_key
    );
    options.memory = std::make_shared<http::http_memory>(config.http_memory);
    if (auto failed = start_api(config, options); !failed) {
      return failed;
    }
  }
  if (config.enable_health_check) {
    http::server_options server;
    server.address = adapters::probe_address(config);
    server.port = config.health_check_port;
    limit_connections(server, probe_connections);
    // Probes have no bodies, and who asks here shows no key.
    server.reads_body = [](const http::request&) { return false; };
    add_browser_headers(server, milliseconds{0}, {});
    if (auto failed = listen(health_, server, http::make_health_api(bridge_, options)); !failed) {
      return failed;
    }
    tell("probes", "http", server.address, health_->port());
  }
  if (has_api) {
    tell("listening", has_tls(config) ? "https" : "http", config.http_address, api_->port());
  }
  return ok();
}

void_result front_end::start_api(const settings& config, http::api_options options) {
  options.access_control = make_authorizer(config);
  options.origins = http::origin_rules{
      options.access_control != nullptr, config.http_address, has_tls(config),
      adapters::parse_web_origins(config.cors_origins).value_or(std::vector<std::string>{})};
  http::server_options server;
  if (has_tls(config)) {
    auto tls = open_tls(config);
    if (!tls) {
      return std::move(tls).error();
    }
    server.tls = std::move(*tls);
  }
  add_browser_headers(
      server, has_tls(config) ? config.hsts_max_age : milliseconds{0},
      options.origins->allowed_origins
  );
  server.memory = options.memory;
  server.spool.folder = config.data_dir;
  server.address = config.http_address;
  server.port = config.http_port;
  server.read_timeout = config.http_read_timeout;
  server.min_body_rate = config.http_min_rate;
  server.idle_timeout = config.http_idle_timeout;
  limit_connections(server, api_connections());
  server.trusted_proxies = adapters::parse_ip_networks(config.trusted_proxies)
                               .value_or(std::vector<adapters::ip_network>{});
  server.expects_proxy_header = config.proxy_protocol;
  server.body_limit = [options](std::string_view method, std::string_view path) {
    return http::body_limit(options, method, path);
  };
  server.reads_body = [options](const http::request& head) {
    return http::reads_body(options, head);
  };
  if (options.access_control && !config.api_keys_file.empty()) {
    const std::lock_guard lock{keys_mutex_};
    keys_ = std::make_unique<caller_key_file>(
        config.api_keys_file, options.access_control, options.audit
    );
  }
  return listen(api_, server, http::make_api(bridge_, options));
}

void front_end::reload() {
  const std::lock_guard lock{keys_mutex_};
  if (keys_) {
    keys_->reload();
  }
}

result<std::shared_ptr<http::server_tls>> front_end::open_tls(const settings& config) {
  adapters::file_changes changes{{config.tls_certificate, config.tls_key}};
  auto tls = http::server_tls::open(tls_files_of(config));
  if (!tls) {
    return tls;
  }
  const auto report = [actors = bridge_](timestamp expiry) {
    actors.tell_metrics(certificate_event{expiry});
  };
  certificate_.emplace(config.tls_certificate, std::move(changes), *tls, report);
  return tls;
}

void front_end::say_farewell() {
  // Probes come each on a connection of their own.
  if (api_) {
    api_->say_farewell();
  }
}

void front_end::stop() {
  certificate_.reset();
  for (auto* one : {&api_, &health_}) {
    if (*one) {
      (*one)->stop(http_grace);
    }
  }
  bridge_.stop();
}

}  // namespace stayler::app
