// SPDX-License-Identifier: MIT
#include "app/worker/process/service.hpp"

#include "adapters/audit/file/file_audit_trail.hpp"
#include "adapters/config/secrets.hpp"
#include "adapters/config/settings_warnings.hpp"
#include "adapters/log/log.hpp"
#include "adapters/log/log_users.hpp"
#include "adapters/quarantine/process_quarantines.hpp"
#include "adapters/quarantine/quarantine_environment.hpp"
#include "adapters/service_manager/systemd_service_manager.hpp"
#include "app/worker/node/node.hpp"
#include "app/worker/node/node_listener.hpp"
#include "app/worker/process/open_adapters.hpp"
#include "app/worker/process/process.hpp"
#include "app/worker/process/signals.hpp"
#include "app/worker/process/watched_files/tls_files.hpp"
#include "app/worker/verify_audit.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace stayler::app {

namespace {

using adapters::logs::service::log;

/// Each provider call in flight holds a connection: the usual limit of 1,024 files is too few.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

result<std::unique_ptr<adapters::audit_trail>> open_audit_trail(
    const settings& config, const std::string& key
) {
  adapters::file_audit_options options;
  options.file = audit_file_of(config);
  options.key = key;
  options.retention.kept = config.audit_retention;
  return adapters::open_file_audit_trail(std::move(options));
}

/// The service itself as the actor.
void audit(adapters::audit_trail& trail, std::string_view action, std::string details, int code) {
  adapters::audit_record record;
  record.at = to_timestamp(std::chrono::system_clock::now());
  record.who = "stayler-worker";
  record.action = action;
  record.details = std::move(details);
  record.status = code == EXIT_SUCCESS ? 200 : 500;
  trail.add(record);
}

/// `key`: empty on a node that was given none. Hashes without one could be guessed.
void name_users(const settings& config, const std::string& key) {
  const auto how = adapters::parse_user_naming(config.log_user_ids);
  if (how != adapters::user_naming::hashed || !key.empty()) {
    adapters::name_users_in_log(how, adapters::user_tags{key});
  }
}

/// Where suspects run alone. Null on a coordinator that could not call the provider itself: its
/// nodes have the keys.
result<std::shared_ptr<adapters::process_quarantines>> make_quarantines(const settings& config) {
  if (config.role == "coordinator" && config.gemini.api_key.empty()) {
    return std::shared_ptr<adapters::process_quarantines>{};
  }
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) {
    return failure{error_class::unavailable, "/proc/self/exe: " + failed.message()};
  }
  return adapters::process_quarantines::make(program);
}

/// A quarantine ends with the process that it belongs to, however that ends.
bool end_with_owner() {
  const std::string variable{adapters::quarantine_owner_variable};
  const char* owner = std::getenv(variable.c_str());
  if (owner == nullptr) {
    return true;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return std::to_string(getppid()) == owner;
}

/// API, queue and records, with workers of its own or without, with worker nodes or without.
int run_coordinator(const settings& config, std::shared_ptr<adapters::service_manager> manager) {
  auto ports = open_adapters(config);
  if (!ports) {
    log.critical(ports.error().message);
    return EXIT_FAILURE;
  }
  auto key = audit_key_of(config, true);
  if (!key) {
    log.critical(key.error().message);
    return EXIT_FAILURE;
  }
  auto opened_trail = open_audit_trail(config, *key);
  if (!opened_trail) {
    log.critical(opened_trail.error().message);
    return EXIT_FAILURE;
  }
  const std::shared_ptr<adapters::audit_trail> trail = *std::move(opened_trail);
  ports->audit = trail;
  ports->tags = std::make_shared<adapters::user_tags>(*key);
  name_users(config, *key);
  auto quarantines = make_quarantines(config);
  if (!quarantines) {
    log.critical(quarantines.error().message);
    return EXIT_FAILURE;
  }
  ports->quarantines = *quarantines;
  process_plan plan;
  plan.audit = trail;
  plan.manager = std::move(manager);
  const bool takes_nodes = !config.node_listen.empty() || *quarantines != nullptr;
  const actors::tree_choices choices{config.role != "coordinator", takes_nodes, {}};
  plan.make_tree = [&config, choices](caf::actor_system&, const actors::service_adapters& open) {
    return actors::make_service_tree(open, config.ping_timeout, choices);
  };
  if (choices.takes_nodes) {
    if (auto ready = plan_node_listener(config, choices, *quarantines, plan); !ready) {
      log.critical(ready.error().message);
      return EXIT_FAILURE;
    }
  }
  audit(*trail, "start", "version " STAYLER_VERSION ", role " + config.role, EXIT_SUCCESS);
  const int code = run_process(config, std::move(*ports), std::move(plan));
  audit(*trail, "stop", "exit code " + std::to_string(code), code);
  return code;
}

}  // namespace

void close_to_others(bool allows_core_files) {
  umask(S_IRWXG | S_IRWXO);
  if (!allows_core_files) {
    const rlimit none{};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
  }
}

int run_service(const settings& config, std::span<const field_problem> ignored) {
  if (!end_with_owner()) {
    return EXIT_FAILURE;
  }
  const auto manager = adapters::find_systemd();
  process_signals::block();
  raise_file_limit();
  close_to_others(config.core_files);
  adapters::configure_log(config, adapters::secrets_in(config));
  for (const field_problem& each : ignored) {
    log.warning("a variable is ignored", {{"variable", each.field}, {"reason", each.message}});
  }
  for (const std::string& warning : adapters::warnings_about(config)) {
    log.warning(warning);
  }
  warn_of_open_keys(config);
  if (auto usable = check_tls_files(config); !usable) {
    log.critical(usable.error().message);
    return EXIT_FAILURE;
  }
  if (manager) {
    manager->status("opening the stores");
  }
  if (config.role == "worker") {
    name_users(config, config.audit_key);
    return run_node(config, manager);
  }
  return run_coordinator(config, manager);
}

}  // namespace stayler::app
