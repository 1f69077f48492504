// SPDX-License-Identifier: MIT
#include "tests/e2e/support/node_stack.hpp"

#include <algorithm>
#include <utility>

namespace stayler::test {

namespace {

using namespace std::chrono_literals;

environment coordinator_settings(
    const std::filesystem::path& certificates, const environment& changes
) {
  environment settings = tls_settings(certificates, "coordinator");
  settings["WORKER_ROLE"] = "coordinator";
  settings["NODE_LISTEN"] = "127.0.0.1:0";
  for (const auto& [name, value] : changes) {
    settings[name] = value;
  }
  return settings;
}

std::size_t count_workers(
    const service_stack& of, const std::function<bool(const adapters::json_value&)>& counts
) {
  const auto answer = of.get("/worker/workers");
  if (answer.status != 200) {
    return 0;
  }
  const auto all = answer.json();
  const auto& workers = *at(all, {"workers"}).as<adapters::json_value::array>();
  return static_cast<std::size_t>(std::ranges::count_if(workers, counts));
}

}  // namespace

environment tls_settings(const std::filesystem::path& folder, const std::string& name) {
  return {
      {"NODE_TLS_CERTIFICATE", (folder / (name + ".pem")).string()},
      {"NODE_TLS_KEY", (folder / (name + ".key")).string()},
      {"NODE_TLS_CA", (folder / "ca.pem").string()}};
}

std::string node_address_of(const service_process& coordinator) {
  const std::string said = coordinator.output();
  const std::string mark = "nodes on ";
  const auto begin = said.find(mark);
  REQUIRE(begin != std::string::npos);
  return said.substr(begin + mark.size(), said.find('\n', begin) - begin - mark.size());
}

node_stack::node_stack(const environment& changes, const std::vector<std::string>& sim_arguments) {
  make_certificates(certificates_.path(), {"coordinator:coordinator,127.0.0.1"});
  service_ = std::make_unique<service_stack>(
      coordinator_settings(certificates_.path(), changes), sim_arguments
  );
}

environment node_stack::node_settings(const std::string& name) const {
  environment settings = worker_environment(service_->folder() / "data", service_->sim().url());
  make_certificates(certificates_.path(), {"node:" + name});
  settings.merge(tls_settings(certificates_.path(), name));
  settings["WORKER_ROLE"] = "worker";
  settings["NODE_NAME"] = name;
  settings["NODE_JOIN"] = node_address_of(service_->worker());
  return settings;
}

void node_stack::start_node(
    const std::string& name, std::size_t slots, const environment& changes
) {
  environment settings = node_settings(name);
  settings["WORKER_MAX_WORKERS"] = std::to_string(slots);
  for (const auto& [variable, value] : changes) {
    settings[variable] = value;
  }
  nodes_[name] = std::make_unique<service_process>(
      STAYLER_WORKER, std::vector<std::string>{}, settings, service_->folder() / (name + ".log"),
      service_process::awaited::nothing
  );
  wait_until(
      "node " + name + " has joined", [&] { return workers_of(name) == slots; }, 60s
  );
}

std::size_t node_stack::workers_of(const std::string& name) const {
  return count_workers(*service_, [&](const adapters::json_value& worker) {
    return text_at(worker, {"node"}) == name;
  });
}

std::size_t node_stack::busy_of(const std::string& name) const {
  return count_workers(*service_, [&](const adapters::json_value& worker) {
    return text_at(worker, {"node"}) == name && text_at(worker, {"status"}) != "idle";
  });
}

std::vector<std::string> node_stack::submit(std::size_t count) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i) {
    ids.push_back(service_->submit());
  }
  return ids;
}

std::size_t attempts_by(const adapters::json_value& job, const std::string& node) {
  std::size_t found = 0;
  for (const auto& attempt : *at(job, {"attempts"}).as<adapters::json_value::array>()) {
    found += text_at(attempt, {"workerId"}).starts_with(node + "/") ? 1U : 0U;
  }
  return found;
}

}  // namespace stayler::test
