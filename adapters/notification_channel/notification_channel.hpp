// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/jobs/conversion.hpp"

#include <functional>
#include <string>

namespace stayler::adapters {

/// Delivers notifications to the application.
class notification_channel {
 public:
  using completion = std::function<void(void_result)>;

  virtual ~notification_channel() = default;

  /// Delivers once; `done` runs exactly once, on any thread, perhaps before this returns. The
  /// failure's class says whether another try can help.
  virtual void deliver(const notification& event, completion done) = 0;

  /// "log", "webhook" or "redis": for health and logs.
  [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace stayler::adapters
