// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/requests/google_error.hpp"
#include "app/gemini_sim/sim_state.hpp"
#include "app/gemini_sim/timed_pool.hpp"
#include "http/server/message.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace stayler::sim {

/// The simulated API: one call from its request to its answer, faults included. Runs on the pool.
class api {
 public:
  api(sim_state& state, timed_pool& pool) : state_(state), pool_(pool) {}

  /// Answers at once or later; blocks while a picture is composed.
  void handle(http::request request, http::responder_ptr responder);

 private:
  struct pending;
  using call_ptr = std::shared_ptr<pending>;
  using answer_maker = std::function<http::response()>;

  void route(const call_ptr& call);
  void list_models(const call_ptr& call);
  void count_tokens(const call_ptr& call, const model& asked);
  void generate(const call_ptr& call, const model& asked);
  void generate_valid(const call_ptr& call, const model& asked, const generate_request& request);
  checked<picture_ptr> draw(
      pending& call, const model& asked, const generate_request& request, motif what
  );

  void answer_plainly(const call_ptr& call, std::string json);
  void fail(const call_ptr& call, const google_error& error);
  void play(const call_ptr& call, const std::optional<fault>& what, answer_maker make);
  void send(const call_ptr& call, http::response answer);

  checked<std::optional<fault>> decide_fault(pending& call);

  sim_state& state_;
  timed_pool& pool_;
};

}  // namespace stayler::sim
