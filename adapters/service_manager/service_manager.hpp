// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace stayler::adapters {

/// What has started this process and watches over it as a service, systemd for one: it is told how
/// the process stands. What cannot be told is lost; no call fails, and none takes longer than a
/// second. Safe from any thread.
class service_manager {
 public:
  virtual ~service_manager() = default;

  /// What the process is doing, in a line for people.
  virtual void status(std::string_view line) = 0;

  /// The stores are open, and calls are answered.
  virtual void ready(std::string_view line) = 0;

  /// Settings are read again; `ready` says when that is done.
  virtual void reloading() = 0;

  /// The process is about to end by itself.
  virtual void stopping(std::string_view line) = 0;

  /// The process works. To be called by the one thread of control that notices when the others do
  /// not: what calls this without looking at anything would hide that the rest hangs.
  virtual void is_alive() = 0;

  /// The end goes on, and may take this much longer from now.
  virtual void still_stopping(std::chrono::microseconds longer) = 0;

  /// The process is killed when `is_alive` has not been called for so long. Nothing: it is not.
  [[nodiscard]] virtual std::optional<std::chrono::microseconds> patience() const = 0;
};

}  // namespace stayler::adapters
