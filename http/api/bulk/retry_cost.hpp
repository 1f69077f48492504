// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/provider/spending.hpp"
#include "messages/service/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace stayler::http {

/// What it costs to try jobs again, before it is done.
class retry_cost {
 public:
  explicit retry_cost(const gemini_settings& config);

  void add(const job& retried);

  /// If every attempt that they may make calls the provider, and each call is as dear as one can
  /// be.
  [[nodiscard]] micro_dollars at_most() const noexcept { return at_most_; }

  /// If each needs one call, and those cost what the calls of today did; nothing where none was
  /// made today.
  [[nodiscard]] std::optional<micro_dollars> expected(const spending& of_today) const noexcept;

 private:
  micro_dollars price_of_high_;   ///< a call's at most, for a picture of the quality "high",
  micro_dollars price_of_other_;  ///< and of any other
  micro_dollars at_most_ = 0;
  std::uint64_t callers_ = 0;  ///< jobs that call the provider
};

}  // namespace stayler::http
