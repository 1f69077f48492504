// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/service_manager/service_manager.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace stayler::app {

/// Tells the service manager what becomes of the process, in an order that it takes: nothing is
/// read again before the service serves or once it ends. From any thread.
class manager_report {
 public:
  /// `manager` may be null.
  manager_report(std::shared_ptr<adapters::service_manager> manager, std::string role);

  void serves();

  /// Runs `reload`, whatever may be told of it.
  void reloads(const std::function<void()>& reload);

  void ends();

 private:
  [[nodiscard]] std::string status() const { return "serving, role " + role_; }

  std::shared_ptr<adapters::service_manager> manager_;
  std::string role_;
  std::mutex mutex_;
  bool is_serving_ = false;
};

}  // namespace stayler::app
