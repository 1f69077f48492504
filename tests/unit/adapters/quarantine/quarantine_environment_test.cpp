// SPDX-License-Identifier: MIT
#include "adapters/quarantine/quarantine_environment.hpp"

#include "adapters/config/loading/load_settings.hpp"
#include "adapters/config/option_table.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;

namespace {

std::map<std::string, std::string> variables_of(const std::vector<std::string>& environment) {
  std::map<std::string, std::string> variables;
  for (const std::string& each : environment) {
    const auto middle = each.find('=');
    variables[each.substr(0, middle)] = each.substr(middle + 1);
  }
  return variables;
}

settings coordinator() {
  settings config;
  config.gemini.api_key = "provider-key";
  config.gemini.timeout = milliseconds{7'000};
  config.data_dir = "/var/lib/stayler";
  config.max_workers = 20;
  config.queue_backend = "redis";
  config.redis_url = "redis://:secret@host";
  config.api_keys = "hash-of-a-key";
  config.webhook_secret = "secret";
  config.history_file = "history";
  return config;
}

}  // namespace

TEST_CASE("a quarantine is a node with one worker that has what work on a job takes") {
  const settings made = quarantine_settings(coordinator(), "a.quarantine.stayler");
  CHECK(made.role == "worker");
  CHECK(made.max_workers == 1);
  CHECK(made.node_name == "a.quarantine.stayler");
  CHECK(made.gemini == coordinator().gemini);
  CHECK(made.data_dir == "/var/lib/stayler");
}

TEST_CASE("a quarantine reads from its environment the settings that it was given") {
  settings wanted = quarantine_settings(coordinator(), "a.quarantine.stayler");
  auto environment = quarantine_environment(wanted, 1234);
  environment.push_back(quarantine_coordinator(4711));
  wanted.node_join = "127.0.0.1:4711";
  const auto variables = variables_of(environment);
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) {
    names.push_back(name);
  }
  const auto read = load_settings(
      {},
      [&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional{found->second};
      },
      names
  );
  for (const field_problem& problem : read.problems) {
    UNSCOPED_INFO(problem.field << ": " << problem.message);
  }
  REQUIRE(read.problems.empty());
  for (const option& each : all_options()) {
    INFO(each.names.variable);
    CHECK(each.print(read.effective) == each.print(wanted));
  }
  CHECK(read.effective == wanted);
  CHECK(variables.at(std::string{quarantine_owner_variable}) == "1234");
}

TEST_CASE("a quarantine learns no secret but those for pictures and calls") {
  const auto environment =
      quarantine_environment(quarantine_settings(coordinator(), "a.quarantine.stayler"), 1);
  const auto variables = variables_of(environment);
  CHECK(variables.count("REDIS_URL") == 0);
  CHECK(variables.count("WORKER_API_KEYS") == 0);
  CHECK(variables.count("WORKER_WEBHOOK_SECRET") == 0);
  CHECK(variables.at("GEMINI_API_KEY") == "provider-key");
}
