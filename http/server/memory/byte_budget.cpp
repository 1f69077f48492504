// SPDX-License-Identifier: MIT
#include "http/server/memory/byte_budget.hpp"

namespace stayler::http {

void byte_room::shrink_to(std::size_t bytes) {
  if (bytes < bytes_) {
    budget_->give_back(bytes_ - bytes);
    bytes_ = bytes;
  }
}

byte_room_ptr byte_budget::try_take(std::size_t bytes) {
  const std::lock_guard lock{mutex_};
  while (!line_.empty() && line_.front().expired()) {
    line_.pop_front();
  }
  if (!line_.empty() || !has_room_for(bytes)) {
    ++refused_;
    return nullptr;
  }
  auto room = std::make_shared<byte_room>(shared_from_this(), bytes);
  held_ += bytes;
  return room;
}

byte_room_ptr byte_budget::insist(std::size_t bytes) {
  auto room = std::make_shared<byte_room>(shared_from_this(), bytes);
  const std::lock_guard lock{mutex_};
  held_ += bytes;
  return room;
}

line_place byte_budget::wait_for(std::size_t bytes, std::function<void(byte_room_ptr)> granted) {
  auto place = std::make_shared<waiter>(waiter{bytes, std::move(granted)});
  std::vector<std::shared_ptr<waiter>> served;
  {
    const std::lock_guard lock{mutex_};
    line_.push_back(place);
    served = take_for_line();
  }
  grant(served);
  return place;
}

void byte_budget::count_refusal() {
  const std::lock_guard lock{mutex_};
  ++refused_;
}

byte_budget::usage byte_budget::now() const {
  const std::lock_guard lock{mutex_};
  return {held_, limit_, refused_};
}

void byte_budget::give_back(std::size_t bytes) {
  std::vector<std::shared_ptr<waiter>> served;
  {
    const std::lock_guard lock{mutex_};
    held_ -= bytes;
    served = take_for_line();
  }
  grant(served);
}

std::vector<std::shared_ptr<byte_budget::waiter>> byte_budget::take_for_line() {
  std::vector<std::shared_ptr<waiter>> served;
  while (!line_.empty()) {
    auto first = line_.front().lock();
    if (first != nullptr) {
      if (!has_room_for(first->bytes)) {
        break;
      }
      held_ += first->bytes;
      served.push_back(std::move(first));
    }
    line_.pop_front();
  }
  return served;
}

// Without the lock: who is served may take or give back more.
void byte_budget::grant(const std::vector<std::shared_ptr<waiter>>& served) {
  for (const auto& each : served) {
    each->granted(std::make_shared<byte_room>(shared_from_this(), each->bytes));
  }
}

}  // namespace stayler::http
