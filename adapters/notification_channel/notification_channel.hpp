// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/conversion.hpp"
#include "messages/service/notifications.hpp"

#include <functional>
#include <string>

namespace stayler::adapters {

/// Delivers notifications to the application.
class notification_channel {
 public:
  using completion = std::function<void(delivery_result)>;

  virtual ~notification_channel() = default;

  /// Delivers once; `done` runs exactly once, on any thread, perhaps before this returns. All
  /// problems but `gone` may pass.
  virtual void deliver(const notification& event, completion done) = 0;

  /// Whom it would go to, as it may be shown; empty where all go to one. One receiver's troubles
  /// are none of another's.
  [[nodiscard]] virtual std::string receiver_of(const notification& /*event*/) const { return {}; }

  /// "log", "webhook" or "redis": for health and logs.
  [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace stayler::adapters
