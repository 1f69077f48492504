// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/service_tree.hpp"
#include "adapters/audit/audit_trail.hpp"
#include "app/worker/process/watched_files/caller_key_file.hpp"
#include "app/worker/process/watched_files/certificate_watch.hpp"
#include "http/api/api.hpp"
#include "http/server/server.hpp"
#include "messages/service/settings.hpp"

#include <caf/all.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace stayler::app {

/// The HTTP front end: the API and, on a port of its own, what probes and scrapers ask.
class front_end {
 public:
  front_end(caf::actor_system& system, const supervisor_actor& supervisor);

  /// Opens both ports, or without an audit trail, as on a worker node, only that of the probes, and
  /// says on stdout where they are. Errors say which could not be opened.
  /// `node_certificate_expiry`: see http::api_options.
  void_result start(
      const settings& config,
      const actors::service_adapters& ports,
      std::shared_ptr<adapters::audit_trail> audit,
      std::function<timestamp()> node_certificate_expiry
  );

  /// Reads what can be changed by files again. From any thread.
  void reload();

  /// Callers that keep connections open are sent elsewhere with their next answer.
  void say_farewell();

  void stop();

 private:
  void_result start_api(const settings& config, http::api_options options);
  result<std::shared_ptr<http::server_tls>> open_tls(const settings& config);

  http::bridge bridge_;
  std::mutex keys_mutex_;
  std::unique_ptr<caller_key_file> keys_;  ///< null where there is no such file
  std::unique_ptr<http::server> api_;
  std::unique_ptr<http::server> health_;
  std::optional<certificate_watch> certificate_;  ///< where the API has one
};

}  // namespace stayler::app
