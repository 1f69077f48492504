// SPDX-License-Identifier: MIT
#include "adapters/image_codec/process/deadly_pictures.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

void deadly_pictures::remember(std::span<const std::byte> picture, failure why, time_point now) {
  const auto hash = sha256_hasher{}.add(picture).digest();
  const std::lock_guard lock{mutex_};
  forget_old(now);
  if (entries_.size() == most) {
    entries_.pop_front();
  }
  entries_.push_back({picture.size(), hash, std::move(why), now});
}

std::optional<failure> deadly_pictures::find(std::span<const std::byte> picture, time_point now) {
  const std::lock_guard lock{mutex_};
  forget_old(now);
  std::optional<sha256_digest> hash;
  for (const entry& known : entries_) {
    if (known.bytes != picture.size()) {
      continue;
    }
    if (!hash) {
      hash = sha256_hasher{}.add(picture).digest();
    }
    if (known.hash == *hash) {
      return known.why;
    }
  }
  return std::nullopt;
}

void deadly_pictures::forget_old(time_point now) {
  while (!entries_.empty() && now - entries_.front().since >= memory) {
    entries_.pop_front();
  }
}

}  // namespace stayler::adapters
