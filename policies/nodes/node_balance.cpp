// SPDX-License-Identifier: MIT
#include "policies/nodes/node_balance.hpp"

#include <algorithm>

namespace stayler::policies {

namespace {

/// Weight of the latest attempt in the average.
constexpr double latest_share = 0.2;

/// No node counts as more than so many times faster or slower than the others: what was measured
/// on few jobs may say little.
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

void node_balance::set_taken(const std::string& node) {
  --nodes_[node].free;
  --free_;
}

void node_balance::note_speed(const std::string& node, milliseconds took) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) {
    return;
  }
  double& pace = found->second.pace_ms;
  const auto latest = static_cast<double>(std::max(took, milliseconds{1}).count());
  pace = pace == 0 ? latest : pace + latest_share * (latest - pace);
}

double node_balance::usual_pace() const {
  double sum = 0;
  double known = 0;
  for (const auto& [name, node] : nodes_) {
    sum += node.pace_ms;
    known += node.pace_ms > 0 ? 1 : 0;
  }
  return known > 0 ? sum / known : 0;
}

double node_balance::merit(const share& node, double usual_pace) {
  const double free_share = static_cast<double>(node.free) / node.slots;
  const double speed = node.pace_ms > 0 ? usual_pace / node.pace_ms : 1;
  return free_share * std::clamp(speed, 1 / widest_ratio, widest_ratio);
}

const std::string& node_balance::choose() const {
  if (nodes_.size() == 1) {
    return nodes_.begin()->first;
  }
  const double usual = usual_pace();
  const auto is_behind = [usual](const auto& a, const auto& b) {
    const double of_a = merit(a.second, usual);
    const double of_b = merit(b.second, usual);
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
