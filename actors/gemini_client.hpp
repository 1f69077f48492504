// SPDX-License-Identifier: MIT
#pragma once

#include "actors/answer.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/http_client/http_client.hpp"
#include "messages/protocol.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <variant>

namespace stayler::actors {

/// What the HTTP client says in the end. Local to a process.
struct http_outcome {
  std::variant<adapters::http_response, adapters::http_error> content;
};

struct gemini_client_options {
  std::shared_ptr<adapters::http_client> http;
  std::shared_ptr<const adapters::wall_clock> clock;
  settings config;
  metrics_actor metrics;
  milliseconds resend_pause{200};  ///< before the first re-send; doubled for each further one
};

/// One call of a requester, over all its re-sends.
struct generation_call {
  std::shared_ptr<const generation_request> request;
  shared_answer<generation_result> answer;
  timestamp deadline;
  std::uint32_t sends = 0;
  adapters::http_ticket ticket{};
  caf::actor_clock::time_point sent_at;
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::http_outcome)

namespace stayler::actors {

/// What the client tells itself, beside its public interface. The numbers name calls.
using gemini_client_impl = gemini_client_actor::extend<
    caf::reacts_to<finish_atom, std::uint64_t, http_outcome>,
    /// Time to send that call again.
    caf::reacts_to<due_atom, std::uint64_t>>;

/// Calls the provider. Thousands of calls are in flight on the HTTP client's one thread; this actor
/// only starts them, reads what came back, and repeats what never left.
class gemini_client_state {
 public:
  static inline const char* name = "gemini_client";

  using pointer = gemini_client_impl::stateful_pointer<gemini_client_state>;

  void begin(pointer self, gemini_client_options options);
  ~gemini_client_state();

  caf::result<generation_result> generate(generation_request& request);
  void abort(const attempt_id& attempt);
  void answered(std::uint64_t number, http_outcome& outcome);
  void send(std::uint64_t number);
  [[nodiscard]] provider_status status() const;
  void change_settings(settings& changed) { options_.config = std::move(changed); }

 private:
  using call_entry = std::map<std::uint64_t, generation_call>::iterator;

  [[nodiscard]] milliseconds time_left(const generation_call& call) const;
  bool send_again(call_entry call, const adapters::http_error& error);
  void succeed(call_entry call, generation_result& made);
  void fail(call_entry call, const failure& error);
  void tell_metrics(
      const generation_call& call,
      std::uint32_t http_status,
      error_class error,
      const token_usage& usage
  );

  pointer self_ = nullptr;
  gemini_client_options options_;
  std::map<std::uint64_t, generation_call> calls_;
  std::map<attempt_id, std::uint64_t> numbers_;
  std::uint64_t last_number_ = 0;
  provider_status status_;
};

gemini_client_impl::behavior_type gemini_client(
    gemini_client_state::pointer self, gemini_client_options options
);

}  // namespace stayler::actors
