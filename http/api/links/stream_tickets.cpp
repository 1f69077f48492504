// SPDX-License-Identifier: MIT
#include "http/api/links/stream_tickets.hpp"

#include <mutex>
#include <string_view>
#include <unordered_map>

namespace stayler::http {

namespace {

failure too_many_streams(error_class kind, std::string_view whose) {
  return {kind, "too many event streams" + std::string{whose} + " are open", milliseconds{5'000}};
}

}  // namespace

class stream_tickets::counter {
 public:
  counter(std::size_t in_all, std::size_t per_key) : in_all_(in_all), per_key_(per_key) {}

  void_result add(const std::string& key) {
    const std::lock_guard lock{mutex_};
    if (all_ >= in_all_) {
      return too_many_streams(error_class::unavailable, "");
    }
    if (!key.empty()) {
      auto& own = by_key_[key];
      if (own >= per_key_) {
        return too_many_streams(error_class::rate_limited, " of " + key);
      }
      ++own;
    }
    ++all_;
    return ok();
  }

  std::uint64_t count() {
    const std::lock_guard lock{mutex_};
    return all_;
  }

  void remove(const std::string& key) {
    const std::lock_guard lock{mutex_};
    --all_;
    if (!key.empty()) {
      --by_key_[key];
    }
  }

 private:
  std::size_t in_all_;
  std::size_t per_key_;
  std::mutex mutex_;
  std::size_t all_ = 0;
  std::unordered_map<std::string, std::size_t> by_key_;  ///< there are only so many keys
};

stream_tickets::stream_tickets(std::size_t in_all, std::size_t per_key)
    : open_(std::make_shared<counter>(in_all, per_key)) {}

result<std::shared_ptr<void>> stream_tickets::take(const std::string& key) {
  if (auto added = open_->add(key); !added) {
    return std::move(added).error();
  }
  return std::shared_ptr<void>{this, [open = open_, key](const void*) { open->remove(key); }};
}

std::uint64_t stream_tickets::open() const {
  return open_->count();
}

}  // namespace stayler::http
