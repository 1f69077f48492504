// SPDX-License-Identifier: MIT
#include "adapters/config/option_table.hpp"

#include "adapters/config/options/option_groups.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace stayler::adapters {

namespace {

/// The first option that is the one, or null.
template <class Predicate>
const option* find_option(Predicate is_one) {
  const auto found = std::ranges::find_if(all_options(), is_one);
  return found == all_options().end() ? nullptr : &*found;
}

}  // namespace

std::span<const option_group> option_groups() {
  static const std::array groups{job_options(),       provider_options(),   api_options(),
                                 store_options(),     picture_options(),    notification_options(),
                                 retention_options(), monitoring_options(), tracing_options(),
                                 outgoing_options(),  process_options(),    node_options()};
  return groups;
}

std::span<const option> all_options() {
  static const std::vector<option> all = [] {
    std::vector<option> joined;
    for (const option_group& group : option_groups()) {
      joined.insert(joined.end(), group.options.begin(), group.options.end());
    }
    return joined;
  }();
  return all;
}

const option* find_option_by_variable(std::string_view variable) {
  return find_option([variable](const option& each) { return each.names.variable == variable; });
}

const option* find_option_by_json_name(std::string_view json_name) {
  return find_option([json_name](const option& each) { return each.names.json == json_name; });
}

}  // namespace stayler::adapters
