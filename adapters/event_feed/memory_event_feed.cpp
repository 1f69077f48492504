// SPDX-License-Identifier: MIT
#include "adapters/event_feed/memory_event_feed.hpp"

#include <chrono>
#include <utility>

namespace stayler::adapters {

namespace {

class memory_event_feed final : public event_feed {
 public:
  memory_event_feed() { forget_before(start_); }

  void publish(std::vector<feed_event> events) override {
    std::vector<placed_event> placed;
    placed.reserve(events.size());
    const std::lock_guard lock{order_};
    for (feed_event& each : events) {
      placed.push_back({{start_.time, ++number_, 0}, std::move(each)});
    }
    take(std::move(placed));
  }

  void forget_all(std::function<void(const void_result&)> done) override {
    forget_before(newest());
    done(ok());
  }

  /// Ids of an earlier process are not ours, even where the clock was set back meanwhile.
  [[nodiscard]] bool reaches_back_to(const feed_place& place) const override {
    return place.time == start_.time && event_feed::reaches_back_to(place) && place <= newest();
  }

 private:
  static feed_place now() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
    return {static_cast<std::uint64_t>(time), 0, 0};
  }

  const feed_place start_ = now();
  std::mutex order_;
  std::uint64_t number_ = 0;
};

}  // namespace

std::shared_ptr<event_feed> make_memory_event_feed() {
  return std::make_shared<memory_event_feed>();
}

}  // namespace stayler::adapters
