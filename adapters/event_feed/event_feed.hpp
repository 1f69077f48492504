// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/event_feed/event_ring.hpp"
#include "messages/base/result.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace stayler::adapters {

/// What has happened to jobs, for whoever follows them. The latest events are kept, so that a
/// reader who comes back goes on where it was. All of it may be called from any thread.
class event_feed {
 public:
  event_feed();
  event_feed(const event_feed&) = delete;
  event_feed& operator=(const event_feed&) = delete;
  virtual ~event_feed();

  /// Adds events, in their order. Does not wait; an event can get lost, and readers see a gap then.
  virtual void publish(std::vector<feed_event> events) = 0;

  /// Forgets all events, wherever they are shared: readers that have not read them have a gap.
  /// `done` is called once, on some thread; unavailable, where it may not have happened.
  virtual void forget_all(std::function<void(const void_result&)> done) = 0;

  /// Where a reader begins who wants only what is to come.
  [[nodiscard]] feed_place newest() const;

  /// Whether a reader can go on from there without a gap, as far as is known.
  [[nodiscard]] virtual bool reaches_back_to(const feed_place& place) const;

  [[nodiscard]] feed_page after(const feed_place& place, const feed_filter& filter) const;

  /// `callback` is called on some thread, and must not wait, when there are new events, as long as
  /// what is returned lives, and perhaps once more.
  [[nodiscard]] std::shared_ptr<void> subscribe(std::function<void()> callback);

 protected:
  void take(std::vector<placed_event> events);
  void forget_before(const feed_place& place);
  void expect(const feed_place& place);
  [[nodiscard]] feed_place oldest() const;

 private:
  using listener = std::function<void()>;

  void tell_all();

  mutable std::mutex mutex_;
  event_ring ring_;
  std::vector<std::weak_ptr<listener>> listeners_;
};

}  // namespace stayler::adapters
