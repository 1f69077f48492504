// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace stayler::adapters {

/// Bounds the pixels that are held decoded at one time, over all threads: small pictures go side by
/// side, a large one waits for its turn instead of failing for want of memory.
class pixel_budget {
 public:
  explicit pixel_budget(std::uint64_t pixels) : capacity_(pixels), free_(pixels) {}

  /// Part of the budget, given back on destruction.
  class share {
   public:
    share(share&& other) noexcept;
    share& operator=(share&&) = delete;
    ~share();

   private:
    friend class pixel_budget;
    share(pixel_budget& owner, std::uint64_t pixels) : owner_(&owner), pixels_(pixels) {}

    pixel_budget* owner_;
    std::uint64_t pixels_;
  };

  /// Waits until that many pixels are free, or all of them where more are asked for. First come,
  /// first served, so that small pictures cannot starve a large one.
  share acquire(std::uint64_t pixels);

 private:
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::uint64_t capacity_;
  std::uint64_t free_;
  std::uint64_t turn_ = 0;
  std::uint64_t next_turn_ = 0;
};

}  // namespace stayler::adapters
