// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/sim_options.hpp"
#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <memory>

namespace stayler::sim {

/// A running stand-in for the Gemini API: listens, answers, misbehaves as told.
class gemini_sim {
 public:
  /// Listens at once. Errors: unavailable, as http::server::start says.
  static result<std::unique_ptr<gemini_sim>> start(const sim_options& options);

  /// Stops at once.
  virtual ~gemini_sim() = default;

  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;

  /// Lets calls under way be answered for that long. Blocks until done.
  virtual void stop(milliseconds grace) = 0;
};

}  // namespace stayler::sim
