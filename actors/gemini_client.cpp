// SPDX-License-Identifier: MIT
#include "actors/gemini_client.hpp"

#include "actors/supervised.hpp"
#include "adapters/gemini/gemini_wire.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace stayler::actors {

void gemini_client_state::begin(pointer self, gemini_client_options options) {
  self_ = self;
  be_supervised(self);
  options_ = std::move(options);
}

gemini_client_state::~gemini_client_state() {
  for (const auto& [number, call] : calls_) {
    options_.http->cancel(call.ticket);
  }
}

milliseconds gemini_client_state::time_left(const generation_call& call) const {
  return std::max(milliseconds{1}, call.deadline - options_.clock->now());
}

caf::result<generation_result> gemini_client_state::generate(generation_request& request) {
  if (const auto sendable = adapters::check_generate_request(request, options_.config.gemini);
      !sendable) {
    return to_error(sendable.error());
  }
  abort(request.attempt);
  const milliseconds longest = options_.config.gemini.timeout;
  const milliseconds asked = request.deadline.count() > 0 ? request.deadline : longest;
  const std::uint64_t number = ++last_number_;
  generation_call& call = calls_[number];
  call.deadline = options_.clock->now() + std::min(asked, longest);
  call.answer = share_answer<generation_result>(self_);
  numbers_[request.attempt] = number;
  call.request = std::make_shared<const generation_request>(std::move(request));
  send(number);
  return caf::delegated<generation_result>{};
}

void gemini_client_state::send(std::uint64_t number) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) {
    return;
  }
  generation_call& call = found->second;
  ++call.sends;
  ++status_.calls;
  call.sent_at = self_->clock().now();
  call.ticket = options_.http->send(
      adapters::make_generate_request(*call.request, options_.config.gemini, time_left(call)),
      [number, client = caf::actor_cast<caf::actor>(self_)](auto outcome) {
        caf::anon_send(client, finish_atom_v, number, http_outcome{std::move(outcome)});
      }
  );
}

void gemini_client_state::abort(const attempt_id& attempt) {
  const auto found = numbers_.find(attempt);
  if (found == numbers_.end()) {
    return;
  }
  const auto call = calls_.find(found->second);
  options_.http->cancel(call->second.ticket);
  tell_metrics(call->second, 0, error_class::cancelled, {});
  call->second.answer->fail(failure{error_class::cancelled, "the call was aborted", {}});
  numbers_.erase(found);
  calls_.erase(call);
}

void gemini_client_state::answered(std::uint64_t number, http_outcome& outcome) {
  const auto call = calls_.find(number);
  if (call == calls_.end()) {
    return;
  }
  if (const auto* error = std::get_if<adapters::http_error>(&outcome.content)) {
    tell_metrics(call->second, 0, error->error.kind, {});
    if (!send_again(call, *error)) {
      fail(call, adapters::classify_error(*error));
    }
    return;
  }
  auto& response = std::get<adapters::http_response>(outcome.content);
  const std::uint32_t http_status = response.status;
  auto made = http_status == 200 ? adapters::parse_generate_response(std::move(response.body))
                                 : result<generation_result>{adapters::classify_error(response)};
  if (made) {
    tell_metrics(call->second, http_status, error_class::none, made->usage);
    succeed(call, *made);
  } else {
    tell_metrics(call->second, http_status, made.error().kind, {});
    fail(call, made.error());
  }
}

bool gemini_client_state::send_again(call_entry call, const adapters::http_error& error) {
  // Only what has never left is repeated here: anything else may have been paid for, and is the
  // retry scheduler's to decide.
  const auto& [number, state] = *call;
  if (error.error.kind != error_class::connection || error.was_sent
      || state.sends > options_.config.gemini.max_retries) {
    return false;
  }
  const milliseconds pause = options_.resend_pause * (1U << std::min(state.sends - 1, 10U));
  if (pause >= time_left(state)) {
    return false;
  }
  self_->delayed_send(self_, pause, due_atom_v, number);
  return true;
}

void gemini_client_state::succeed(call_entry call, generation_result& made) {
  status_.last_error = {};
  status_.last_success = options_.clock->now();
  if (!made.model_version.empty() && made.model_version != options_.config.gemini.model) {
    spdlog::debug(
        "gemini: asked {}, answered by {}", options_.config.gemini.model, made.model_version
    );
  }
  call->second.answer->give(std::move(made));
  numbers_.erase(call->second.request->attempt);
  calls_.erase(call);
}

void gemini_client_state::fail(call_entry call, const failure& error) {
  ++status_.failed_calls;
  status_.last_error = error;
  status_.last_failure = options_.clock->now();
  call->second.answer->fail(error);
  numbers_.erase(call->second.request->attempt);
  calls_.erase(call);
}

void gemini_client_state::tell_metrics(
    const generation_call& call,
    std::uint32_t http_status,
    error_class error,
    const token_usage& usage
) {
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - call.sent_at);
  self_->send(options_.metrics, provider_event{http_status, error, took, usage});
}

provider_status gemini_client_state::status() const {
  provider_status now = status_;
  now.calls_in_flight = static_cast<std::uint32_t>(calls_.size());
  return now;
}

gemini_client_impl::behavior_type gemini_client(
    gemini_client_state::pointer self, gemini_client_options options
) {
  self->state.begin(self, std::move(options));
  auto& state = self->state;
  return {
      [&state](generate_atom, generation_request& request) { return state.generate(request); },
      [&state](abort_atom, const attempt_id& attempt) { state.abort(attempt); },
      [&state](status_atom) { return state.status(); },
      [&state](settings_atom, settings& changed) { state.change_settings(changed); },
      [&state](finish_atom, std::uint64_t number, http_outcome& outcome) {
        state.answered(number, outcome);
      },
      [&state](due_atom, std::uint64_t number) { state.send(number); },
  };
}

}  // namespace stayler::actors
