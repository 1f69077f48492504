// SPDX-License-Identifier: MIT

// A request on the wire: how it is sent, what becomes of it, and who hears of that.

#include "actors/provider/client/gemini_client.hpp"
#include "adapters/gemini/wire/gemini_wire.hpp"
#include "adapters/log/log.hpp"
#include "policies/provider/call_admission.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::gemini::log;

/// True where the provider may have worked for this call, and will bill it, without our seeing how
/// much: it is accounted at the most that it can have cost.
bool may_be_billed(const failure& error, bool was_sent) {
  return was_sent
         && (error.kind == error_class::timeout || error.kind == error_class::connection
             || error.kind == error_class::cancelled);
}

/// False once its images have been let go.
bool can_be_sent(const generation_call& call) {
  return call.request.images.front().bytes != nullptr;
}

}  // namespace

gemini_client_state::~gemini_client_state() {
  for (const auto& [number, call] : calls_) {
    if (call.sent_at) {
      options_.http->cancel(call.ticket);
    }
  }
}

void gemini_client_state::send(call_entry entry, const std::string& key) {
  auto& [number, call] = *entry;
  ++call.sends;
  gemini_settings config = options_.config.gemini;
  config.api_key = key;
  config.model = call.model;
  call.refusal = {};
  call.request.can_wait = call.can_wait && !call.is_tier_refused && takes_flex(call.model);
  call.sent_at = now();
  const milliseconds longest = std::min(longest_call(call.request), time_left(call));
  const auto client = caf::actor_cast<caf::actor>(self_);
  auto request = adapters::make_generate_request(call.request, config, longest);
  call.spans.sent(call.sends, call.model, config.sends_traceparent ? &request : nullptr);
  request.on_body_taken = [number = number, send = call.sends, client] {
    caf::anon_send(client, body_taken_atom_v, number, send);
  };
  call.ticket = options_.http->send(std::move(request), [number = number, client](auto outcome) {
    caf::anon_send(client, http_done_atom_v, number, http_outcome{std::move(outcome)});
  });
}

void gemini_client_state::on_body_taken(std::uint64_t number, std::uint32_t send) {
  // What the provider has whole is sent again only with another key or model, or as an urgent call.
  const auto call = calls_.find(number);
  const bool can_wait = call != calls_.end() && call->second.request.can_wait;
  if (keys_.size() < 2 && models_.size() < 2 && !can_wait) {
    release_images(number, send);
  } else {
    self_->delayed_send(self_, options_.refusal_window, release_atom_v, number, send);
  }
}

void gemini_client_state::release_images(std::uint64_t number, std::uint32_t send) {
  const auto call = calls_.find(number);
  if (call == calls_.end() || call->second.sends != send || !call->second.sent_at) {
    return;  // it has ended, or is on its way once more
  }
  for (encoded_image& image : call->second.request.images) {
    image.bytes.reset();
  }
}

void gemini_client_state::abort(const attempt_id& attempt) {
  const auto found = numbers_.find(attempt);
  if (found == numbers_.end()) {
    return;
  }
  const auto call = calls_.find(found->second);
  generation_call& aborted = call->second;
  const failure why{error_class::cancelled, "the call was aborted", {}};
  if (aborted.sent_at) {
    options_.http->cancel(aborted.ticket);
    settle(aborted, 0, why, {}, most_of(aborted));
  } else {
    settle_unmade(aborted);
  }
  aborted.spans.failed(why.kind);
  aborted.answer->fail(why);
  leave_shared_request(call);
  forget(call);
}

void gemini_client_state::on_http_outcome(std::uint64_t number, http_outcome& outcome) {
  const auto call = calls_.find(number);
  if (call == calls_.end() || !call->second.sent_at) {
    return;
  }
  if (const auto* error = std::get_if<adapters::http_error>(&outcome.content)) {
    on_transport_error(call, *error);
  } else {
    on_response(call, std::get<adapters::http_response>(outcome.content));
  }
}

void gemini_client_state::on_response(call_entry entry, adapters::http_response& response) {
  generation_call& call = entry->second;
  const std::uint32_t http_status = response.status;
  const token_usage usage_of_failure =
      http_status == 200 ? adapters::parse_usage(response.body) : token_usage{};
  auto made = http_status == 200 ? adapters::parse_generate_response(std::move(response.body))
                                 : result<generation_result>{adapters::classify_error(response)};
  const failure error = made ? failure{} : made.error();
  const token_usage usage = made ? made->usage : usage_of_failure;
  spending cost;
  if (usage.total_tokens > 0 || made) {
    cost = adapters::price(usage, prices(call.model));
  }
  settle(call, http_status, error, usage, cost);
  if (made) {
    made->cost = cost.cost;
    setup_.note_picture(call.key_id, call.model);
    note_tier(call);
    complete(entry, *made);
  } else if (!try_otherwise(entry, error)) {
    fail(entry, final_error(call, error));
  }
}

failure gemini_client_state::final_error(const generation_call& call, const failure& error) const {
  // Its images have gone; the next attempt finds that another model has taken this one's place.
  const bool may_go_on =
      error.kind == error_class::not_found && call.model_changes + 1 < models_.size();
  return may_go_on ? failure{error_class::unavailable, error.message, {}} : error;
}

void gemini_client_state::on_transport_error(call_entry entry, const adapters::http_error& broken) {
  auto& [number, call] = *entry;
  const failure error = adapters::classify_error(broken);
  const bool is_billed = may_be_billed(error, broken.was_sent);
  settle(call, 0, error, {}, is_billed ? most_of(call) : spending{});
  // Only what has never left is repeated here: anything else may have been paid for, and is the
  // retry scheduler's to decide.
  const milliseconds pause = options_.resend_pause * (1U << std::min(call.sends - 1, 10U));
  const bool may_repeat = error.kind == error_class::connection && !broken.was_sent
                          && can_be_sent(call) && call.sends <= options_.config.gemini.max_retries
                          && pause < time_left(call);
  if (may_repeat) {
    self_->delayed_send(self_, pause, resend_atom_v, number);
  } else {
    fail(entry, error);
  }
}

void gemini_client_state::send_again(std::uint64_t number) {
  request_permit(number, true);
}

bool gemini_client_state::try_otherwise(call_entry entry, const failure& error) {
  auto& [number, call] = *entry;
  if (!can_be_sent(call)) {
    return false;
  }
  if (change_key(call, error)) {
    call.refusal = error;
  } else if (!change_model(call, error) && !change_tier(call, error)) {
    return false;
  }
  request_permit(number, true);
  return true;
}

bool gemini_client_state::change_key(generation_call& call, const failure& error) {
  constexpr std::uint32_t most_changes = 8;
  // With one key there is nothing to change to: each job is told what is wrong.
  return policies::is_of_key(error.kind) && keys_.size() >= 2 && call.key_changes++ < most_changes;
}

bool gemini_client_state::change_model(generation_call& call, const failure& error) {
  // Whoever permits the calls has just been told that the provider does not know this model.
  return error.kind == error_class::not_found && ++call.model_changes < models_.size();
}

bool gemini_client_state::change_tier(generation_call& call, const failure& error) {
  // It may be the tier that is refused, or something else in the request: the answer to an urgent
  // call will tell. Neither costs anything.
  const bool is_refused = error.kind == error_class::invalid_input && call.request.can_wait;
  call.is_tier_refused = call.is_tier_refused || is_refused;
  return is_refused;
}

bool gemini_client_state::takes_flex(const std::string& model) const {
  const auto without = without_flex_.find(model);
  return without == without_flex_.end() || without->second <= now();
}

void gemini_client_state::note_tier(const generation_call& call) {
  if (call.is_tier_refused) {
    log.warning(
        "the provider refuses calls that can wait: they are urgent for an hour",
        {{"model", call.model}}
    );
    without_flex_[call.model] = now() + std::chrono::hours{1};
  }
}

void gemini_client_state::complete(call_entry entry, generation_result& made) {
  generation_call& call = entry->second;
  if (!made.is_shared) {
    if (made.model_version.empty()) {
      made.model_version = call.model;
    } else if (made.model_version != call.model) {
      const attempt_id& attempt = call.request.attempt;
      log.debug(
          "another model answered than was asked", {{"jobId", attempt.job},
                                                    {"attempt", attempt.token},
                                                    {"asked", call.model},
                                                    {"answered", made.model_version}}
      );
    }
  }
  if (call.key) {
    made.key = *call.key;
    // What was made in want of the first model is not what is wanted tomorrow.
    made.is_cacheable = !made.is_shared && call.model == models_.front();
    generation_result shared = made;
    shared.is_shared = true;
    shared.is_cacheable = false;
    shared.cost = 0;
    const auto finished = shared_requests_.extract(share_of(call));
    for (const std::uint64_t number : finished.mapped().others) {
      if (const auto waiting = calls_.find(number); waiting != calls_.end()) {
        waiting->second.spans.made(shared);
        waiting->second.answer->deliver(shared);
        forget(waiting);
      }
    }
  }
  call.spans.made(made);
  call.answer->deliver(std::move(made));
  forget(entry);
}

void gemini_client_state::fail(call_entry entry, const failure& error) {
  entry->second.spans.failed(error.kind);
  entry->second.answer->fail(error);
  leave_shared_request(entry);
  forget(entry);
}

void gemini_client_state::leave_shared_request(call_entry entry) {
  const auto& [number, call] = *entry;
  const auto found = call.key ? shared_requests_.find(share_of(call)) : shared_requests_.end();
  if (found == shared_requests_.end()) {
    return;
  }
  auto& [first, others] = found->second;
  if (first != number) {
    std::erase(others, number);
  } else if (others.empty()) {
    shared_requests_.erase(found);
  } else {
    // What has befallen one need not befall the next: it has a deadline and a budget of its own.
    first = others.front();
    others.erase(others.begin());
    request_permit(first);
  }
}

void gemini_client_state::forget(call_entry entry) {
  numbers_.erase(entry->second.request.attempt);
  calls_.erase(entry);
}

spending gemini_client_state::most_of(const generation_call& call) const {
  spending most;
  most.calls = 1;
  most.cost = call.model.empty() ? highest_price(call.request)
                                 : adapters::highest_price(call.request, prices(call.model));
  return most;
}

void gemini_client_state::settle(
    generation_call& call,
    std::uint32_t http_status,
    const failure& error,
    const token_usage& usage,
    const spending& cost
) {
  call.spans.answered(http_status, error.kind);
  const auto sent_at = *std::exchange(call.sent_at, {});
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now() - sent_at);
  self_->send(
      options_.limits, settle_atom_v,
      call_outcome{
          call.request.attempt, call.request.user_id, true, error, cost, call.request.can_wait}
  );
  self_->send(
      options_.metrics, provider_event{http_status, error.kind, took, usage, cost.cost, call.model}
  );
}

}  // namespace stayler::actors
