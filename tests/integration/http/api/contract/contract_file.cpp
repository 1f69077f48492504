// SPDX-License-Identifier: MIT
#include "tests/integration/http/api/contract/contract_file.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>
#include <yaml-cpp/yaml.h>

namespace stayler::test {

namespace {

/// The members of a path that are operations; others are parameters and texts.
constexpr std::array<std::string_view, 7> methods{"get",    "head",  "post",   "put",
                                                  "delete", "patch", "options"};

/// "/worker/types/{type}/pause" as the router has it: "/worker/types/{id}/pause".
std::string route_of(const std::string& path) {
  const auto open = path.find('{');
  const auto close = path.find('}');
  return open == std::string::npos ? path : path.substr(0, open) + "{id}" + path.substr(close + 1);
}

std::string upper_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string text_of(const YAML::Node& operation, const char* name) {
  INFO(name);
  REQUIRE(operation[name].IsDefined());
  return operation[name].as<std::string>();
}

}  // namespace

std::string read_contract() {
  std::ifstream in{STAYLER_CONTRACT, std::ios::binary};
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<contract_operation> contract_operations() {
  std::vector<contract_operation> all;
  const auto contract = YAML::Load(read_contract());
  for (const auto& path : contract["paths"]) {
    for (const auto& member : path.second) {
      const auto method = member.first.as<std::string>();
      if (std::ranges::find(methods, method) == methods.end()) {
        continue;
      }
      INFO(method << ' ' << path.first.as<std::string>());
      const YAML::Node& operation = member.second;
      const auto security = operation["security"];
      all.push_back(
          {upper_case(method), route_of(path.first.as<std::string>()), text_of(operation, "x-role"),
           text_of(operation, "x-users"), !security.IsDefined() || security.size() > 0}
      );
    }
  }
  return all;
}

}  // namespace stayler::test
