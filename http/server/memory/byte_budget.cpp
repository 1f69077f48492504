// SPDX-License-Identifier: MIT
#include "http/server/memory/byte_budget.hpp"

namespace stayler::http {

namespace {

/// How many times what is left for others a caller may hold.
constexpr std::size_t most_of_what_is_left = 3;

}  // namespace

void byte_room::shrink_to(std::size_t bytes) {
  if (bytes < bytes_) {
    budget_->give_back(caller_, bytes_ - bytes);
    bytes_ = bytes;
  }
}

bool byte_budget::has_room_for(std::size_t bytes) const noexcept {
  return held_ <= limit_ && bytes <= limit_ - held_;
}

bool byte_budget::is_within_share(std::size_t held, std::size_t bytes) const noexcept {
  return held == 0
         || (has_room_for(bytes) && (held + bytes) / most_of_what_is_left <= limit_ - held_ - bytes
         );
}

void byte_budget::take(const std::string& caller, std::size_t bytes) {
  held_ += bytes;
  callers_[caller].held += bytes;
}

byte_room_ptr byte_budget::try_take(const std::string& caller, std::size_t bytes) {
  const std::lock_guard lock{mutex_};
  const auto known = callers_.find(caller);
  const std::size_t held = known == callers_.end() ? 0 : known->second.held;
  if (!awaiting_.expired() || !has_room_for(bytes) || !is_within_share(held, bytes)) {
    ++refused_;
    return nullptr;
  }
  auto room = std::make_shared<byte_room>(shared_from_this(), caller, bytes);
  take(caller, bytes);
  return room;
}

byte_room_ptr byte_budget::insist(const std::string& caller, std::size_t bytes) {
  auto room = std::make_shared<byte_room>(shared_from_this(), caller, bytes);
  const std::lock_guard lock{mutex_};
  take(caller, bytes);
  return room;
}

line_place byte_budget::wait_for(
    const std::string& caller, std::size_t bytes, std::function<void(byte_room_ptr)> granted
) {
  auto waiting = std::make_shared<waiter>(waiter{caller, bytes, std::move(granted)});
  {
    const std::lock_guard lock{mutex_};
    callers_[caller].line.push_back(waiting);
  }
  serve_line();
  // Who lets the place go has left the line, and those behind move up.
  auto* const place = waiting.get();
  return {place, [self = shared_from_this(), waiting = std::move(waiting)](void*) mutable {
            waiting.reset();
            self->serve_line();
          }};
}

void byte_budget::count_refusal() {
  const std::lock_guard lock{mutex_};
  ++refused_;
}

byte_budget::usage byte_budget::now() const {
  const std::lock_guard lock{mutex_};
  return {held_, limit_, refused_};
}

void byte_budget::give_back(const std::string& caller, std::size_t bytes) {
  {
    const std::lock_guard lock{mutex_};
    held_ -= bytes;
    const auto share = callers_.find(caller);
    share->second.held -= bytes;
    if (share->second.held == 0 && share->second.line.empty()) {
      callers_.erase(share);
    }
  }
  serve_line();
}

void byte_budget::serve_line() {
  std::vector<waiter_ptr> served;
  {
    const std::lock_guard lock{mutex_};
    served = take_for_line();
  }
  // Without the lock: who is served may take or give back more.
  for (const waiter_ptr& each : served) {
    each->granted(std::make_shared<byte_room>(shared_from_this(), each->caller, each->bytes));
  }
}

std::vector<byte_budget::waiter_ptr> byte_budget::take_for_line() {
  std::vector<waiter_ptr> served;
  for (waiter_ptr next = next_in_turn(); next != nullptr; next = next_in_turn()) {
    if (!has_room_for(next->bytes)) {
      awaiting_ = next;
      return served;
    }
    callers_[next->caller].line.pop_front();
    take(next->caller, next->bytes);
    last_served_ = next->caller;
    served.push_back(std::move(next));
  }
  awaiting_.reset();
  return served;
}

byte_budget::waiter_ptr byte_budget::next_in_turn() {
  auto at = callers_.upper_bound(last_served_);
  for (std::size_t left = callers_.size(); left > 0; --left) {
    if (at == callers_.end()) {
      at = callers_.begin();
    }
    waiter_ptr first = first_of(at->second);
    if (first != nullptr && is_within_share(at->second.held, first->bytes)) {
      return first;
    }
    const bool is_gone = first == nullptr && at->second.held == 0;
    at = is_gone ? callers_.erase(at) : std::next(at);
  }
  return nullptr;
}

byte_budget::waiter_ptr byte_budget::first_of(caller_share& share) const {
  while (!share.line.empty()) {
    if (auto first = share.line.front().lock()) {
      return first;
    }
    share.line.pop_front();
  }
  return nullptr;
}

}  // namespace stayler::http
