// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace stayler::http {

class byte_budget;

/// Room for so many bytes, given back when it is destroyed: it goes where the bytes go. One thread
/// at a time.
class byte_room {
 public:
  byte_room(std::shared_ptr<byte_budget> budget, std::string caller, std::size_t bytes)
      : budget_(std::move(budget)), caller_(std::move(caller)), bytes_(bytes) {}
  byte_room(const byte_room&) = delete;
  byte_room& operator=(const byte_room&) = delete;
  ~byte_room() { shrink_to(0); }

  /// Gives back what is more than that.
  void shrink_to(std::size_t bytes);

 private:
  std::shared_ptr<byte_budget> budget_;
  std::string caller_;
  std::size_t bytes_;
};

using byte_room_ptr = std::shared_ptr<byte_room>;

/// A place in the line for room; who lets it go has left the line.
using line_place = std::shared_ptr<void>;

/// How many bytes of one kind there may be in memory at a time, and what part of them one caller
/// may hold: at most three times what is left for all others, so that a single caller leaves a
/// quarter, and two leave a seventh. The first room of a caller is bounded by what there is alone.
/// From any thread.
/// Source: A. Choudhury, E. Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet
/// Switches", IEEE/ACM Transactions on Networking 6(2), 1998; with alpha = 3.
class byte_budget : public std::enable_shared_from_this<byte_budget> {
 public:
  explicit byte_budget(std::size_t limit) : limit_(limit) {}

  /// Null where there is no room for that caller, or another waits for it; that counts as a
  /// refusal.
  byte_room_ptr try_take(const std::string& caller, std::size_t bytes);

  /// Room beyond any limit, if need be: for what is in memory already, and cannot be refused.
  byte_room_ptr insist(const std::string& caller, std::size_t bytes);

  /// Calls `granted` as soon as there is room, at once or later, on the thread that has given it
  /// back or left the line. Callers take turns, and whose turn it is waits until there is room;
  /// those of one caller are served as they came. More than the limit is never granted.
  [[nodiscard]] line_place wait_for(
      const std::string& caller, std::size_t bytes, std::function<void(byte_room_ptr)> granted
  );

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
    std::string caller;
    std::size_t bytes;
    std::function<void(byte_room_ptr)> granted;
  };
  using waiter_ptr = std::shared_ptr<waiter>;

  struct caller_share {
    std::size_t held = 0;
    std::deque<std::weak_ptr<waiter>> line;
  };
  using caller_map = std::map<std::string, caller_share>;

  void give_back(const std::string& caller, std::size_t bytes);
  void serve_line();

  // With the lock.
  [[nodiscard]] bool has_room_for(std::size_t bytes) const noexcept;
  [[nodiscard]] bool is_within_share(std::size_t held, std::size_t bytes) const noexcept;
  void take(const std::string& caller, std::size_t bytes);
  std::vector<waiter_ptr> take_for_line();
  [[nodiscard]] waiter_ptr next_in_turn();
  [[nodiscard]] waiter_ptr first_of(caller_share& share) const;

  mutable std::mutex mutex_;
  std::size_t limit_;
  std::size_t held_ = 0;
  std::uint64_t refused_ = 0;
  caller_map callers_;              ///< who holds or waits for something
  std::string last_served_;         ///< of those who waited
  std::weak_ptr<waiter> awaiting_;  ///< whose turn it is, and for whom there is no room yet
};

}  // namespace stayler::http
