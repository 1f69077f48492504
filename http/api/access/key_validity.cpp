// SPDX-License-Identifier: MIT
#include "http/api/access/key_validity.hpp"

#include <utility>

namespace stayler::http {

bool key_validity::is_revoked() const {
  const std::lock_guard lock{mutex_};
  return is_revoked_;
}

std::shared_ptr<void> key_validity::on_revocation(std::function<void()> wake) {
  auto handle = std::make_shared<callback>(std::move(wake));
  const std::lock_guard lock{mutex_};
  std::erase_if(waiting_, [](const auto& each) { return each.expired(); });
  waiting_.push_back(handle);
  return handle;
}

void key_validity::revoke() {
  std::vector<std::weak_ptr<callback>> waiting;
  {
    const std::lock_guard lock{mutex_};
    is_revoked_ = true;
    waiting.swap(waiting_);
  }
  for (const auto& each : waiting) {
    if (const auto wake = each.lock()) {
      (*wake)();
    }
  }
}

}  // namespace stayler::http
