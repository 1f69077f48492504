// SPDX-License-Identifier: MIT
#include "adapters/quarantine/quarantine_environment.hpp"

#include "adapters/config/loading/variable_names.hpp"
#include "adapters/config/option_table.hpp"

#include <set>
#include <unistd.h>

namespace stayler::adapters {

namespace {

std::string file_of(int descriptor) {
  return "/proc/self/fd/" + std::to_string(descriptor);
}

std::string assigned(std::string_view variable, std::string_view value) {
  return std::string{variable} + "=" + std::string{value};
}

void take_pictures_and_calls(settings& to, const settings& from) {
  to.gemini = from.gemini;
  to.data_dir = from.data_dir;
  to.storage_url = from.storage_url;
  to.s3_access_key_id = from.s3_access_key_id;
  to.s3_secret_access_key = from.s3_secret_access_key;
  to.s3_session_token = from.s3_session_token;
  to.s3_access_key_id_file = from.s3_access_key_id_file;
  to.s3_secret_access_key_file = from.s3_secret_access_key_file;
  to.s3_session_token_file = from.s3_session_token_file;
  to.s3_credentials = from.s3_credentials;
  to.s3_profile_file = from.s3_profile_file;
  to.s3_profile = from.s3_profile;
  to.encryption_keys = from.encryption_keys;
  to.ca_file = from.ca_file;
  to.https_proxy = from.https_proxy;
  to.http_proxy = from.http_proxy;
  to.no_proxy = from.no_proxy;
  to.image_url_allow = from.image_url_allow;
  to.image_url_allow_private = from.image_url_allow_private;
  to.max_image_bytes = from.max_image_bytes;
  to.max_image_pixels = from.max_image_pixels;
  to.max_jpeg_pixels = from.max_jpeg_pixels;
  to.max_image_side = from.max_image_side;
  to.codec_sandbox = from.codec_sandbox;
  to.result_cache_max_bytes = from.result_cache_max_bytes;
  to.result_cache_max_age = from.result_cache_max_age;
  to.result_cache_scope = from.result_cache_scope;
}

void take_behaviour(settings& to, const settings& from) {
  to.job_timeout = from.job_timeout;
  to.shutdown_timeout = from.shutdown_timeout;
  to.max_restarts = from.max_restarts;
  to.restart_window = from.restart_window;
  to.ping_timeout = from.ping_timeout;
  to.log_level = from.log_level;
  to.log_format = from.log_format;
  to.log_user_ids = from.log_user_ids;
  to.audit_key = from.audit_key;  // by which users are named where they are hashed
  to.core_files = from.core_files;
  to.tracing = from.tracing;
}

}  // namespace

settings quarantine_settings(const settings& coordinator, const std::string& name) {
  settings made;
  take_pictures_and_calls(made, coordinator);
  take_behaviour(made, coordinator);
  made.role = "worker";
  made.max_workers = 1;
  made.codec_processes = 1;
  made.enable_health_check = false;
  made.node_name = name;
  made.node_tls_certificate = file_of(quarantine_certificate_descriptor);
  made.node_tls_ca = made.node_tls_certificate;
  made.node_tls_key = file_of(quarantine_key_descriptor);
  return made;
}

std::vector<std::string> quarantine_environment(const settings& of_quarantine, ::pid_t owner) {
  std::vector<std::string> environment;
  const std::vector<std::string> options = known_variables();
  std::set<std::string, std::less<>> known{options.begin(), options.end()};
  for (const option& each : all_options()) {
    known.insert(each.names.standard.begin(), each.names.standard.end());
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view own{*entry};
    if (known.count(own.substr(0, own.find('='))) == 0) {
      environment.emplace_back(own);
    }
  }
  const settings usual;
  for (const option& each : all_options()) {
    std::string value = each.print(of_quarantine);
    if (value != each.print(usual)) {
      environment.push_back(assigned(each.names.variable, value));
    }
  }
  environment.push_back(assigned(quarantine_owner_variable, std::to_string(owner)));
  return environment;
}

std::string quarantine_coordinator(std::uint16_t port) {
  return assigned("NODE_JOIN", "127.0.0.1:" + std::to_string(port));
}

}  // namespace stayler::adapters
