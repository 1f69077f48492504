// SPDX-License-Identifier: MIT
#include "app/worker/process/watched_files/tls_files.hpp"

#include "adapters/log/log.hpp"
#include "adapters/node_tls/node_credentials.hpp"
#include "adapters/tls/authorities.hpp"
#include "app/worker/node/node_transport.hpp"
#include "app/worker/process/open_adapters.hpp"
#include "http/server/tls/server_tls.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace stayler::app {

namespace {

using adapters::logs::service::log;

bool is_open_to_others(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code missing;
  const auto mode = fs::status(file, missing).permissions();
  return !missing && (mode & (fs::perms::others_read | fs::perms::others_write)) != fs::perms::none;
}

}  // namespace

adapters::key_pair_files tls_files_of(const settings& config) {
  return {"WORKER_TLS_CERTIFICATE", config.tls_certificate, "WORKER_TLS_KEY", config.tls_key};
}

void_result check_tls_files(const settings& config) {
  if (!config.ca_file.empty()) {
    if (auto read = adapters::check_authorities(config.ca_file); !read) {
      return failure{
          error_class::invalid_input, "WORKER_CA_FILE (or SSL_CERT_FILE): " + read.error().message};
    }
  }
  const bool has_api = config.role != "worker";
  if (has_api && has_tls(config)) {
    if (auto opened = http::server_tls::open(tls_files_of(config)); !opened) {
      return std::move(opened).error();
    }
  }
  if (!config.node_listen.empty()) {
    return adapters::check_server_credentials(credentials_from(config));
  }
  return config.node_join.empty()
             ? ok()
             : adapters::check_client_credentials(credentials_from(config), node_name_of(config));
}

void warn_of_open_keys(const settings& config) {
  for (const auto& [option, file] :
       {std::pair{"WORKER_TLS_KEY", config.tls_key}, {"NODE_TLS_KEY", config.node_tls_key}}) {
    if (!file.empty() && is_open_to_others(file)) {
      log.warning(
          "everybody on this machine may read a private key; its file should be its owner's alone",
          {{"option", option}, {"file", file}}
      );
    }
  }
}

}  // namespace stayler::app
