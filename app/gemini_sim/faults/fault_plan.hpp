// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/faults/fault.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace stayler::sim {

/// Faults for calls to come, as POST /sim/faults orders them.
struct fault_order {
  fault what;
  std::size_t count = 1;        ///< how many calls; 0: until the order is deleted
  std::string model;            ///< empty: any
  std::string prompt_contains;  ///< empty: any
  bool all_calls = false;       ///< not only those that generate
};

/// What the plan looks at when it decides about a call.
struct fault_question {
  std::string_view header;  ///< x-sim-fault
  std::string_view prompt;
  std::string_view model;
  bool generates = false;
};

struct fault_plan_options {
  double rate = 0;           ///< share of all calls
  std::vector<fault> kinds;  ///< one of them by chance
  std::uint64_t seed = 0;
  milliseconds latency_min{0};
  milliseconds latency_max{0};
};

/// Decides which call meets which fault. In this order: the call's own header, the markers in its
/// prompt, orders, chance. Safe from any thread.
class fault_plan {
 public:
  explicit fault_plan(fault_plan_options options);

  /// Nothing where the call is to succeed. Errors: invalid_input for a header or a marker that is
  /// misspelt.
  result<std::optional<fault>> decide(const fault_question& question);

  /// How long a successful answer is to take.
  milliseconds draw_latency();

  void add(fault_order order);
  [[nodiscard]] std::vector<fault_order> orders() const;

  /// Forgets the orders.
  void clear();

  /// Forgets the orders and how often each prompt was seen, and starts chance anew.
  void reset();

 private:
  result<std::optional<fault>> from_markers(std::string_view prompt);
  std::optional<fault> from_orders(const fault_question& question);
  std::optional<fault> from_chance();

  fault_plan_options options_;
  mutable std::mutex mutex_;
  std::mt19937_64 chance_;
  std::deque<fault_order> orders_;
  std::unordered_map<std::size_t, std::size_t> calls_by_prompt_;  ///< by the prompt's hash
};

}  // namespace stayler::sim
