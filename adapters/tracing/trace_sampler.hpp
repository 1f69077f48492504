// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/trace_context.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace stayler::adapters {

/// Decides which traces are recorded, by the samplers of OpenTelemetry's SDKs: the same trace gets
/// the same answer from all that sample by the same ratio.
class trace_sampler {
 public:
  /// A name that knows() knows; `ratio` from 0 to 1, for samplers by a ratio.
  trace_sampler(std::string_view name, double ratio);

  /// "always_on", "always_off", "traceidratio", and each of these behind "parentbased_": where a
  /// caller has decided, that counts.
  static bool knows(std::string_view name) noexcept;

  /// The trace of a call: the caller's, or a new one, with the decision.
  [[nodiscard]] trace_context admit(const std::optional<trace_context>& of_caller) const;

 private:
  [[nodiscard]] bool takes(const uuid& trace_id) const noexcept;

  bool follows_caller_;
  std::uint64_t bound_;  ///< of 2^63: traces whose last 63 bits are below are taken
};

}  // namespace stayler::adapters
