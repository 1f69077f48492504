// SPDX-License-Identifier: MIT
#include "app/worker/front_end.hpp"

#include <chrono>
#include <iostream>
#include <utility>

namespace stayler::app {

namespace {

/// How long an actor may take for an answer to an HTTP request.
constexpr milliseconds answer_timeout{10'000};

/// Answers under way get this long when the HTTP front end stops.
constexpr std::chrono::seconds http_grace{2};

/// An address as it stands in a URL.
std::string in_url(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
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
    const actors::service_ports& ports,
    std::shared_ptr<adapters::audit_trail> audit
) {
  const bool has_api = audit != nullptr;
  http::api_options options;
  options.version = STAYLER_VERSION;
  options.worker_id = ports.node;
  options.events = ports.events;
  options.max_image_bytes = config.max_image_bytes;
  options.audit = std::move(audit);
  http::server_options server;
  server.address = config.http_address;
  server.body_limit = [options](std::string_view method, std::string_view path) {
    return http::body_limit(options, method, path);
  };
  const std::string host = "http://" + in_url(config.http_address) + ":";
  if (has_api) {
    server.port = config.http_port;
    if (auto failed = listen(api_, server, http::make_api(bridge_, options)); !failed) {
      return failed;
    }
  }
  if (config.enable_health_check) {
    server.port = config.health_check_port;
    if (auto failed = listen(health_, server, http::make_health_api(bridge_, options)); !failed) {
      return failed;
    }
    std::cout << "stayler-worker probes on " << host << health_->port() << std::endl;
  }
  if (has_api) {
    std::cout << "stayler-worker listening on " << host << api_->port() << std::endl;
  }
  return ok();
}

void front_end::stop() {
  for (auto* one : {&api_, &health_}) {
    if (*one) {
      (*one)->stop(http_grace);
    }
  }
  bridge_.stop();
}

}  // namespace stayler::app
