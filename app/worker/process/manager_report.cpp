// SPDX-License-Identifier: MIT
#include "app/worker/process/manager_report.hpp"

#include <utility>

namespace stayler::app {

manager_report::manager_report(std::shared_ptr<adapters::service_manager> manager, std::string role)
    : manager_(std::move(manager)), role_(std::move(role)) {}

void manager_report::serves() {
  const std::lock_guard lock{mutex_};
  is_serving_ = true;
  if (manager_) {
    manager_->ready(status());
  }
}

void manager_report::reloads(const std::function<void()>& reload) {
  const std::lock_guard lock{mutex_};
  if (!manager_ || !is_serving_) {
    reload();
    return;
  }
  manager_->reloading();
  reload();
  manager_->ready(status());
}

void manager_report::ends() {
  const std::lock_guard lock{mutex_};
  is_serving_ = false;
  if (manager_) {
    manager_->stopping("ending: running jobs finish or are handed back");
  }
}

}  // namespace stayler::app
