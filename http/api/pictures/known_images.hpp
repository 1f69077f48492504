// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/jobs/ownership.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

namespace stayler::http {

/// Whose images are that were looked up lately, so that those which many jobs name (a garment, say)
/// are not asked for each time. Only what was there is kept, for a short time: another process that
/// shares the records may take an image away, and a job that is let in meanwhile fails with
/// not_found. Bounded; the oldest goes first. Not for several threads.
class known_images {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit known_images(milliseconds max_age = milliseconds{5'000}, std::size_t capacity = 10'000)
      : max_age_(max_age), capacity_(capacity) {}

  /// Null where it is not known. Valid until the next call.
  [[nodiscard]] const image_owner* find(const std::string& id, time_point now) const;

  /// As it was looked up at that time, which never goes back.
  void put(const std::string& id, image_owner owner, time_point now);

  /// The image is gone.
  void remove(const std::string& id);

  [[nodiscard]] std::size_t size() const noexcept { return by_id_.size(); }

 private:
  struct entry {
    std::string id;
    image_owner owner;
    time_point until;
  };

  void make_room(time_point now);

  milliseconds max_age_;
  std::size_t capacity_;
  std::list<entry> entries_;  ///< the oldest first
  std::unordered_map<std::string, std::list<entry>::iterator> by_id_;
};

}  // namespace stayler::http
