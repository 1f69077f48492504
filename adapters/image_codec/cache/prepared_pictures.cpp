// SPDX-License-Identifier: MIT
#include "adapters/image_codec/cache/prepared_pictures.hpp"

#include <utility>

namespace stayler::adapters {

std::optional<prepared_image> prepared_pictures::find(const sha256_digest& source) {
  const std::lock_guard lock{mutex_};
  const auto known = by_source_.find(source);
  if (known == by_source_.end()) {
    return std::nullopt;
  }
  entries_.splice(entries_.begin(), entries_, known->second);
  return known->second->picture;
}

void prepared_pictures::keep(const sha256_digest& source, prepared_image picture) {
  const std::size_t size = picture.picture.bytes->size();
  const std::lock_guard lock{mutex_};
  if (size > max_bytes_ || by_source_.contains(source)) {
    return;
  }
  while (bytes_ + size > max_bytes_) {
    bytes_ -= entries_.back().picture.picture.bytes->size();
    by_source_.erase(entries_.back().source);
    entries_.pop_back();
  }
  entries_.push_front({source, std::move(picture)});
  by_source_.emplace(source, entries_.begin());
  bytes_ += size;
}

}  // namespace stayler::adapters
