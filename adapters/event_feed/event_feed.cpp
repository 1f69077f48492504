// SPDX-License-Identifier: MIT
#include "adapters/event_feed/event_feed.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

/// Some 4 MB: minutes of a service that is busy with conversions.
constexpr std::size_t kept_events = 32'768;

}  // namespace

event_feed::event_feed() : ring_(kept_events) {}
event_feed::~event_feed() = default;

feed_place event_feed::newest() const {
  const std::lock_guard lock{mutex_};
  return ring_.newest();
}

feed_place event_feed::oldest() const {
  const std::lock_guard lock{mutex_};
  return ring_.oldest();
}

bool event_feed::reaches_back_to(const feed_place& place) const {
  return oldest() <= place;
}

feed_page event_feed::after(const feed_place& place, const feed_filter& filter) const {
  const std::lock_guard lock{mutex_};
  return ring_.after(place, filter);
}

std::shared_ptr<void> event_feed::subscribe(std::function<void()> callback) {
  auto added = std::make_shared<listener>(std::move(callback));
  const std::lock_guard lock{mutex_};
  std::erase_if(listeners_, [](const auto& each) { return each.expired(); });
  listeners_.push_back(added);
  return added;
}

void event_feed::take(std::vector<placed_event> events) {
  {
    const std::lock_guard lock{mutex_};
    ring_.add(std::move(events));
  }
  tell_all();
}

void event_feed::forget_before(const feed_place& place) {
  {
    const std::lock_guard lock{mutex_};
    ring_.forget_before(place);
  }
  tell_all();
}

void event_feed::expect(const feed_place& place) {
  const std::lock_guard lock{mutex_};
  ring_.expect(place);
}

void event_feed::tell_all() {
  std::vector<std::shared_ptr<listener>> present;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& each : listeners_) {
      if (auto alive = each.lock()) {
        present.push_back(std::move(alive));
      }
    }
  }
  for (const auto& each : present) {
    (*each)();
  }
}

}  // namespace stayler::adapters
