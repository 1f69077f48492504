// SPDX-License-Identifier: MIT
#pragma once

#include "bench/ramp/callers.hpp"
#include "bench/ramp/simulated_provider.hpp"

#include <functional>
#include <queue>
#include <vector>

namespace stayler::bench {

/// Callers that always have more to do than slots, and a provider, in virtual time.
class simulation {
 public:
  simulation(
      const provider_model& model, opening_rule rule, std::size_t callers, std::uint32_t slots
  );

  /// What happened within some time.
  struct outcome {
    double reached = -1;  ///< seconds until nine tenths of what the provider can take; -1: never
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    double used = 0;  ///< part of what the provider could take, from then to the end

    [[nodiscard]] double refused_share() const {
      return accepted + refused > 0
                 ? static_cast<double>(refused) / static_cast<double>(accepted + refused)
                 : 0;
    }
  };

  /// Called ten times a second with the seconds since the start and the accepted calls under way.
  using observer = std::function<void(double, std::uint32_t)>;

  outcome run(std::chrono::seconds time, const observer& watch = {});

  /// All callers end their calls, stop, and begin again with what they had found.
  void restart(std::chrono::seconds pause);

 private:
  struct event {
    clock_time at;
    std::size_t whose;
    call_admission::admitted_call call;
    failure outcome;

    friend bool operator>(const event& a, const event& b) { return a.at > b.at; }
  };

  void step(outcome& seen);
  void end_calls(outcome& seen);
  void send_calls(std::size_t whose, outcome& seen);
  void meet();
  [[nodiscard]] double use(const outcome& seen, clock_time begun) const;

  provider_model model_;
  opening_rule rule_;
  std::uint32_t slots_;  ///< of each caller
  simulated_provider provider_;
  std::vector<std::unique_ptr<caller>> callers_;
  std::vector<std::uint32_t> in_flight_;
  std::priority_queue<event, std::vector<event>, std::greater<>> events_;
  clock_time now_{std::chrono::hours{1}};
  bool is_fresh_ = true;
  std::size_t first_ = 0;  ///< who sends first, in turns
};

}  // namespace stayler::bench
