// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

namespace stayler::adapters {

/// Tells the wall-clock time. A port, so that tests can hold time still. Safe from any thread.
class wall_clock {
 public:
  virtual ~wall_clock() = default;
  [[nodiscard]] virtual timestamp now() const = 0;
};

/// The machine's own clock.
class system_wall_clock final : public wall_clock {
 public:
  [[nodiscard]] timestamp now() const override {
    return to_timestamp(std::chrono::system_clock::now());
  }
};

}  // namespace stayler::adapters
