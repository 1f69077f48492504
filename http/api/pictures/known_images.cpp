// SPDX-License-Identifier: MIT
#include "http/api/pictures/known_images.hpp"

#include <utility>

namespace stayler::http {

const image_owner* known_images::find(const std::string& id, time_point now) const {
  const auto found = by_id_.find(id);
  return found != by_id_.end() && now < found->second->until ? &found->second->owner : nullptr;
}

void known_images::put(const std::string& id, image_owner owner, time_point now) {
  remove(id);
  make_room(now);
  entries_.push_back({id, std::move(owner), now + max_age_});
  by_id_.emplace(id, std::prev(entries_.end()));
}

void known_images::remove(const std::string& id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) {
    entries_.erase(found->second);
    by_id_.erase(found);
  }
}

void known_images::make_room(time_point now) {
  while (!entries_.empty() && (entries_.size() >= capacity_ || entries_.front().until <= now)) {
    by_id_.erase(entries_.front().id);
    entries_.pop_front();
  }
}

}  // namespace stayler::http
