// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/pixel_budget.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

pixel_budget::share::share(share&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), pixels_(other.pixels_) {}

pixel_budget::share::~share() {
  if (owner_ == nullptr) {
    return;
  }
  {
    const std::lock_guard lock{owner_->mutex_};
    owner_->free_ += pixels_;
  }
  owner_->given_back_.notify_all();
}

pixel_budget::share pixel_budget::acquire(std::uint64_t pixels) {
  const std::uint64_t wanted = std::min(pixels, capacity_);
  std::unique_lock lock{mutex_};
  const std::uint64_t turn = next_turn_++;
  given_back_.wait(lock, [&] { return turn == turn_ && free_ >= wanted; });
  free_ -= wanted;
  ++turn_;
  given_back_.notify_all();
  return {*this, wanted};
}

}  // namespace stayler::adapters
