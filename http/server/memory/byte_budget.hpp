// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace stayler::http {

class byte_budget;

/// Room for so many bytes, given back when it is destroyed: it goes where the bytes go. One thread
/// at a time.
class byte_room {
 public:
  byte_room(std::shared_ptr<byte_budget> budget, std::size_t bytes)
      : budget_(std::move(budget)), bytes_(bytes) {}
  byte_room(const byte_room&) = delete;
  byte_room& operator=(const byte_room&) = delete;
  ~byte_room() { shrink_to(0); }

  /// Gives back what is more than that.
  void shrink_to(std::size_t bytes);

 private:
  std::shared_ptr<byte_budget> budget_;
  std::size_t bytes_;
};

using byte_room_ptr = std::shared_ptr<byte_room>;

/// A place in the line for room; who lets it go has left the line.
using line_place = std::shared_ptr<void>;

/// How many bytes of one kind there may be in memory at a time. From any thread.
class byte_budget : public std::enable_shared_from_this<byte_budget> {
 public:
  explicit byte_budget(std::size_t limit) : limit_(limit) {}

  /// Null where there is no room, or others wait for it; that counts as a refusal.
  byte_room_ptr try_take(std::size_t bytes);

  /// Room beyond the limit, if need be: for what is in memory already, and cannot be refused.
  byte_room_ptr insist(std::size_t bytes);

  /// Calls `granted` as soon as there is room, at once or later, on the thread that has given it
  /// back; first come, first served. More than the limit is never granted.
  [[nodiscard]] line_place wait_for(std::size_t bytes, std::function<void(byte_room_ptr)> granted);

  /// Somebody has waited in vain.
  void count_refusal();

  struct usage {
    std::size_t held = 0;
    std::size_t limit = 0;
    std::uint64_t refused = 0;
  };
  [[nodiscard]] usage now() const;

 private:
  friend class byte_room;

  struct waiter {
    std::size_t bytes;
    std::function<void(byte_room_ptr)> granted;
  };

  void give_back(std::size_t bytes);
  /// Takes room for those in front for whom there is some; to be called with the lock.
  std::vector<std::shared_ptr<waiter>> take_for_line();
  void grant(const std::vector<std::shared_ptr<waiter>>& served);
  [[nodiscard]] bool has_room_for(std::size_t bytes) const {
    return held_ <= limit_ && bytes <= limit_ - held_;
  }

  mutable std::mutex mutex_;
  std::size_t limit_;
  std::size_t held_ = 0;
  std::uint64_t refused_ = 0;
  std::deque<std::weak_ptr<waiter>> line_;
};

}  // namespace stayler::http
