// SPDX-License-Identifier: MIT
#include "policies/nodes/node_balance.hpp"

#include <algorithm>

namespace stayler::policies {

namespace {

/// Weight of the latest attempt in the average.
constexpr double latest_share = 0.2;

/// No node counts as faster or slower than the others by more than this factor: a measurement on
/// few jobs may say little.
constexpr double widest_ratio = 4.0;

}  // namespace

void node_balance::add_worker(const std::string& node) {
  ++nodes_[node].slots;
}

void node_balance::remove_worker(const std::string& node) {
  const auto found = nodes_.find(node);
  if (found != nodes_.end() && --found->second.slots == 0) {
    nodes_.erase(found);
  }
}

void node_balance::set_free(const std::string& node) {
  ++nodes_[node].free;
  ++free_;
}

void node_balance::set_busy(const std::string& node) {
  --nodes_[node].free;
  --free_;
}

void node_balance::add_duration(const std::string& node, milliseconds took) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) {
    return;
  }
  double& average = found->second.average_ms;
  const auto latest = static_cast<double>(std::max(took, milliseconds{1}).count());
  average = average == 0 ? latest : average + latest_share * (latest - average);
}

double node_balance::average_of_nodes() const {
  double sum = 0;
  double known = 0;
  for (const auto& [name, node] : nodes_) {
    sum += node.average_ms;
    known += node.average_ms > 0 ? 1 : 0;
  }
  return known > 0 ? sum / known : 0;
}

double node_balance::score(const node_share& node, double average_of_all) {
  const double free_share = static_cast<double>(node.free) / node.slots;
  const double speed = node.average_ms > 0 ? average_of_all / node.average_ms : 1;
  return free_share * std::clamp(speed, 1 / widest_ratio, widest_ratio);
}

const std::string& node_balance::choose() const {
  if (nodes_.size() == 1) {
    return nodes_.begin()->first;
  }
  const double average = average_of_nodes();
  const auto is_behind = [average](const auto& a, const auto& b) {
    const double of_a = score(a.second, average);
    const double of_b = score(b.second, average);
    return of_a < of_b || (of_a == of_b && a.second.free < b.second.free);
  };
  return std::max_element(nodes_.begin(), nodes_.end(), is_behind)->first;
}

std::vector<node_load> node_balance::loads() const {
  std::vector<node_load> all;
  all.reserve(nodes_.size());
  for (const auto& [name, node] : nodes_) {
    all.push_back({name, node.slots, node.slots - node.free});
  }
  return all;
}

}  // namespace stayler::policies
