// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/children/child_table.hpp"
#include "actors/supervision/supervision_tree.hpp"

#include <utility>
#include <vector>

namespace stayler::actors {

/// The settings in force. They are changed here, and the children that use them are told.
class live_settings {
 public:
  explicit live_settings(settings at_start) : current_(std::move(at_start)) {}

  [[nodiscard]] const settings& current() const { return current_; }

  /// Applies all changes, to the log as well, or none where there are problems.
  settings_update change(const std::vector<settings_change>& changes);

  /// Sends the settings to the running children that take them, in the order of the tree, and then
  /// to the workers.
  void publish(const service_tree& tree, child_table& children) const;

 private:
  settings current_;
};

}  // namespace stayler::actors
