// SPDX-License-Identifier: MIT
#include "adapters/config/loading/variable_names.hpp"

#include "adapters/config/wording.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <array>

namespace stayler::adapters {

namespace {

std::string with_suffix(std::string_view variable) {
  return std::string{variable}.append(file_suffix);
}

/// "REDIS_" for "REDIS_URL"; all of a name without underscore.
std::string_view prefix_of(std::string_view variable) {
  return variable.substr(0, std::min(variable.find('_'), variable.size() - 1) + 1);
}

bool has_own_prefix(std::string_view variable) {
  constexpr std::array<std::string_view, 3> prefixes{"WORKER_", "GEMINI_", "RETRY_"};
  return std::ranges::find(prefixes, prefix_of(variable)) != prefixes.end();
}

/// Whether the name is so near to the option's that nothing else can be meant.
bool is_near_miss(std::string_view name, const option& near) {
  const std::string_view variable = near.names.variable;
  const std::string_view prefix = prefix_of(variable);
  if (prefix_of(name) != prefix) {
    return false;
  }
  const std::size_t most = variable.size() - prefix.size() < 8 ? 1 : 2;
  return edit_distance(name, variable) <= most
         || (near.is_secret && edit_distance(name, with_suffix(variable)) <= most);
}

/// Kubernetes puts WORKER_SERVICE_HOST, WORKER_PORT_8081_TCP and the like into every container of a
/// namespace with a service named "worker": nobody misspelt anything there.
bool is_service_link(std::string_view name, std::string_view value) {
  constexpr auto npos = std::string_view::npos;
  return name.find("_SERVICE_HOST") != npos || name.find("_SERVICE_PORT") != npos
         || name.find("_PORT_") != npos || value.starts_with("tcp://")
         || value.starts_with("udp://");
}

}  // namespace

named_option find_named_option(std::string_view variable) {
  if (const option* which = find_option_by_variable(variable)) {
    return {which, false};
  }
  if (variable.ends_with(file_suffix)) {
    const option* which =
        find_option_by_variable(variable.substr(0, variable.size() - file_suffix.size()));
    if (which != nullptr && which->is_secret) {
      return {which, true};
    }
  }
  return {};
}

std::vector<std::string> known_variables() {
  std::vector<std::string> known;
  for (const option& each : all_options()) {
    known.emplace_back(each.names.variable);
    if (each.is_secret) {
      known.push_back(with_suffix(each.names.variable));
    }
  }
  return known;
}

bool is_misspelt(std::string_view variable, std::string_view value) {
  if (variable.empty() || find_named_option(variable).which != nullptr
      || is_service_link(variable, value)) {
    return false;
  }
  return has_own_prefix(variable)
         || std::ranges::any_of(all_options(), [variable](const option& each) {
              return is_near_miss(variable, each);
            });
}

std::string variable_of_flag(std::string_view flag) {
  std::string variable;
  for (const char c : flag.substr(2)) {
    variable += c == '-' ? '_' : to_upper(c);
  }
  return variable;
}

std::string flag_of_variable(std::string_view variable) {
  std::string flag = "--";
  for (const char c : variable) {
    flag += c == '_' ? '-' : to_lower(c);
  }
  return flag;
}

}  // namespace stayler::adapters
