// SPDX-License-Identifier: MIT
#pragma once

#include "policies/overview/overview_series.hpp"
#include "policies/overview/service_snapshot.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace stayler::http {

/// How the service stands, for all who look at it: taken once a second and rendered once, however
/// many they are. From any thread.
class overview_board {
 public:
  using snapshot_ptr = std::shared_ptr<const policies::service_snapshot>;

  /// `instance`: how people call this service; may be empty.
  explicit overview_board(std::string instance) : instance_(std::move(instance)) {}

  /// Shows that from now on, and tells the subscribers.
  void update(policies::service_snapshot now);

  /// The last that was shown; null before the first.
  [[nodiscard]] snapshot_ptr latest() const;

  /// As JSON, with what is kept of so long before; empty before the first snapshot.
  [[nodiscard]] std::string render(std::chrono::seconds window) const;

  /// As JSON, for a caller that is for some users only; empty before the first snapshot.
  [[nodiscard]] std::string render_limited() const;

  /// What has changed with the last snapshot, in the form of text/event-stream. An event of the
  /// same number is the same.
  struct tick {
    std::uint64_t number = 0;                  ///< 0: there is none yet
    std::shared_ptr<const std::string> event;  ///< without an id: it is none of the feed's
  };

  [[nodiscard]] tick newest_tick() const;

  /// `callback` is called, on the thread of update(), for each new tick as long as what is returned
  /// lives, and perhaps once more. It must not wait.
  [[nodiscard]] std::shared_ptr<void> subscribe(std::function<void()> callback);

 private:
  using listener = std::function<void()>;

  [[nodiscard]] std::vector<std::shared_ptr<listener>> listeners();

  const std::string instance_;

  mutable std::mutex series_mutex_;
  policies::overview_series series_;

  mutable std::mutex mutex_;  ///< of what follows; nothing is rendered under it
  snapshot_ptr latest_;
  tick tick_;
  std::vector<std::weak_ptr<listener>> listeners_;
};

}  // namespace stayler::http
