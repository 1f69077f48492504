// SPDX-License-Identifier: MIT
#include "actors/supervision/children/child_table.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

child& find_or_add(child_table::group& group, const std::string& name, bool is_worker) {
  const auto [found, is_new] = group.try_emplace(name);
  if (is_new) {
    found->second.name = name;
    found->second.is_worker = is_worker;
  }
  return found->second;
}

child* find_in(child_table::group& group, const std::string& name) {
  const auto found = group.find(name);
  return found == group.end() ? nullptr : &found->second;
}

}  // namespace

child& child_table::core(const std::string& name) {
  return find_or_add(core_, name, false);
}

child& child_table::worker(const std::string& name) {
  return find_or_add(workers_, name, true);
}

child* child_table::find(const std::string& name) {
  child* found = find_in(core_, name);
  return found != nullptr ? found : find_in(workers_, name);
}

child* child_table::find_worker(const std::string& name) {
  return find_in(workers_, name);
}

void child_table::set_running(child& started, caf::actor handle) {
  started.handle = std::move(handle);
  running_[started.handle.address()] = &started;
}

void child_table::set_stopped(child& ended) {
  running_.erase(ended.handle.address());
  ended.handle = nullptr;
}

child* child_table::find_running(const caf::actor_addr& address) {
  const auto found = running_.find(address);
  return found == running_.end() ? nullptr : found->second;
}

bool child_table::are_running(const std::vector<std::string>& names) const {
  return std::ranges::all_of(names, [this](const std::string& name) {
    const auto found = core_.find(name);
    return found != core_.end() && found->second.handle && !found->second.is_ending;
  });
}

bool child_table::is_core_ending() const {
  return std::ranges::any_of(core_, [](const auto& entry) {
    return entry.second.handle && entry.second.is_ending;
  });
}

void child_table::abandon(child& stuck) {
  abandoned_[stuck.handle.address()] = stuck.name;
  set_stopped(stuck);
}

std::optional<std::string> child_table::remove_abandoned(const caf::actor_addr& address) {
  auto removed = abandoned_.extract(address);
  return removed ? std::optional{std::move(removed.mapped())} : std::nullopt;
}

}  // namespace stayler::actors
