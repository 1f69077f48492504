// SPDX-License-Identifier: MIT
#include "actors/gemini_client.hpp"

#include "actors/supervised.hpp"
#include "adapters/gemini/gemini_wire.hpp"
#include "adapters/gemini/provider_day.hpp"
#include "adapters/log/log.hpp"
#include "adapters/result_cache/result_key.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::gemini};

constexpr std::chrono::seconds peer_timeout{5};

/// A gate that moved by less is the same gate: the time until it opens is reckoned anew each time.
constexpr milliseconds gate_tolerance{100};

bool is_same(const provider_gate& a, const provider_gate& b) {
  const milliseconds moved = a.closed_until - b.closed_until;
  return a.max_in_flight == b.max_in_flight && is_set(a.closed_until) == is_set(b.closed_until)
         && std::chrono::abs(moved) < gate_tolerance;
}

}  // namespace

void gemini_client_state::begin(pointer self, gemini_client_options options) {
  self_ = self;
  be_supervised(self);
  options_ = std::move(options);
  configure();
  load_spending();
}

void gemini_client_state::configure() {
  const gemini_settings& config = options_.config.gemini;
  admission_.configure(config);
  book_.configure(config);
  // The option table has checked the text.
  price_table_ = adapters::read_prices(config.prices).value();
}

void gemini_client_state::change_settings(settings& changed) {
  options_.config = std::move(changed);
  configure();
  send_waiting();
}

void gemini_client_state::load_spending() {
  if (!options_.records) {
    knows_spending_ = true;
    return;
  }
  const auto go_on = [this](const std::vector<user_spending>& entries) {
    book_.load(entries, date());
    knows_spending_ = true;
    send_waiting();
  };
  self_->request(options_.records, peer_timeout, spending_atom_v, adapters::provider_day(date()))
      .then(go_on, [go_on](const caf::error&) {
        log.warning("what was spent today is not known; budgets count from now");
        go_on({});
      });
}

milliseconds gemini_client_state::time_left(const generation_call& call) const {
  return std::max(milliseconds{1}, call.deadline - date());
}

const adapters::model_prices& gemini_client_state::prices() const {
  return adapters::prices_of(price_table_, options_.config.gemini.model);
}

caf::result<generation_result> gemini_client_state::generate(generation_request& request) {
  if (const auto sendable = adapters::check_generate_request(request, options_.config.gemini);
      !sendable) {
    return to_error(sendable.error());
  }
  abort(request.attempt);
  const std::uint64_t number = ++last_number_;
  generation_call& call = calls_[number];
  const milliseconds longest = options_.config.gemini.timeout;
  call.deadline = date() + (request.deadline.count() > 0 ? request.deadline : longest);
  call.answer = share_answer<generation_result>(self_);
  numbers_[request.attempt] = number;
  if (!request.no_cache) {
    call.key = adapters::make_result_key(request, options_.config.gemini.model);
  }
  call.request = std::make_shared<const generation_request>(std::move(request));
  if (!call.key) {
    board(number);
  } else if (const auto [entry, is_first] = flights_.try_emplace(*call.key); is_first) {
    entry->second.leader = number;
    look_up(number);
  } else {
    entry->second.followers.push_back(number);
  }
  return caf::delegated<generation_result>{};
}

void gemini_client_state::look_up(std::uint64_t number) {
  if (!options_.cache) {
    board(number);
    return;
  }
  const auto found = [this, number](cache_lookup& lookup) {
    const auto call = calls_.find(number);
    if (call == calls_.end()) {
      return;
    }
    if (!lookup.is_hit) {
      board(number);
      return;
    }
    generation_result made;
    made.image = std::move(lookup.result.image);
    made.mime_type = std::move(lookup.result.mime_type);
    made.model_version = std::move(lookup.result.model_version);
    made.is_shared = true;
    land(call, made);
  };
  self_->request(options_.cache, peer_timeout, find_atom_v, *calls_[number].key)
      .then(found, [this, number](const caf::error&) { board(number); });
}

void gemini_client_state::board(std::uint64_t number) {
  const auto call = calls_.find(number);
  if (call == calls_.end()) {
    return;
  }
  waiting_.push_back(number);
  send_waiting();
}

void gemini_client_state::send_waiting() {
  std::vector<std::uint64_t> passed_over;
  while (knows_spending_ && !waiting_.empty()) {
    const std::uint64_t number = waiting_.front();
    const auto call = calls_.find(number);
    if (call == calls_.end()) {
      waiting_.pop_front();
      continue;
    }
    const generation_request& request = *call->second.request;
    const auto verdict = book_.reserve(
        request.attempt, request.user_id, adapters::highest_price(request, prices()), date()
    );
    if (verdict == spending_book::verdict::reserved) {
      waiting_.pop_front();
      passed_over.push_back(number);
      continue;
    }
    if (verdict != spending_book::verdict::granted) {
      const bool is_of_user = verdict == spending_book::verdict::user_is_spent;
      waiting_.pop_front();
      hold(
          number, book_.resets_at(),
          is_of_user ? "the user's budget of the day is spent" : "the budget of the day is spent"
      );
      continue;
    }
    auto grant = admission_.admit(now(), date());
    if (!grant) {
      book_.release(request.attempt);
      if (const auto next = admission_.next_at(now(), date()); next > now()) {
        wake_at(next);
      }
      break;
    }
    waiting_.pop_front();
    send(call, std::move(*grant));
  }
  waiting_.insert(waiting_.begin(), passed_over.begin(), passed_over.end());
  if (const auto shut = admission_.closed(now(), date())) {
    hold_waiting(*shut);
  }
  tell_gate();
}

void gemini_client_state::hold_waiting(const call_admission::closure& shut) {
  wake_at(shut.until);
  const auto wait = std::chrono::ceil<milliseconds>(shut.until - now());
  if (wait <= options_.longest_wait) {
    return;
  }
  while (!waiting_.empty()) {
    const std::uint64_t number = waiting_.front();
    waiting_.pop_front();
    hold(number, date() + wait, shut.reason);
  }
}

void gemini_client_state::hold(std::uint64_t number, timestamp until, const std::string& reason) {
  const auto call = calls_.find(number);
  if (call != calls_.end()) {
    fail(call, {error_class::held, reason, std::max(milliseconds{1}, until - date())});
  }
}

void gemini_client_state::wake_at(clock_time when) {
  if (wakes_at_ && *wakes_at_ <= when) {
    return;
  }
  wakes_at_ = when;
  const auto pause = std::chrono::ceil<milliseconds>(when - now());
  self_->delayed_send(self_, std::max(pause, milliseconds{1}), caf::tick_atom_v);
}

void gemini_client_state::opened() {
  wakes_at_.reset();
  send_waiting();
}

provider_gate gemini_client_state::gate() {
  provider_gate shown = admission_.gate(now(), date());
  if (book_.is_day_spent(date())) {
    shown.closed_until = std::max(shown.closed_until, book_.resets_at());
    shown.reason = "the budget of the day is spent";
  }
  return shown;
}

void gemini_client_state::tell_gate() {
  provider_gate current = gate();
  if (is_same(current, last_gate_)) {
    return;
  }
  if (is_set(current.closed_until) && !is_set(last_gate_.closed_until)) {
    log.warning(
        "no calls for a while",
        {{"until", to_rfc3339(current.closed_until)}, {"reason", current.reason}}
    );
  } else if (is_set(last_gate_.closed_until) && !is_set(current.closed_until)) {
    log.info("calls go on");
  }
  last_gate_ = std::move(current);
  if (watcher_) {
    self_->send(watcher_, gate_atom_v, last_gate_);
  }
  self_->send(options_.metrics, status());
}

void gemini_client_state::watch(queue_actor queue) {
  last_gate_ = gate();
  self_->send(queue, gate_atom_v, last_gate_);
  watcher_ = std::move(queue);
}

provider_status gemini_client_state::status() {
  provider_status shown = status_;
  shown.calls_in_flight = admission_.in_flight();
  shown.calls_waiting = static_cast<std::uint32_t>(waiting_.size());
  shown.max_in_flight = admission_.limit();
  shown.requests_per_minute = admission_.per_minute();
  shown.breaker = admission_.breaker(now());
  const provider_gate current = gate();
  shown.closed_until = current.closed_until;
  shown.closed_reason = current.reason;
  return shown;
}

spending_report gemini_client_state::report_spending() {
  return book_.report(date());
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
      [&state](spending_atom) { return state.report_spending(); },
      [&state](watch_atom, queue_actor queue) { state.watch(std::move(queue)); },
      [&state](settings_atom, settings& changed) { state.change_settings(changed); },
      [&state](finish_atom, std::uint64_t number, http_outcome& outcome) {
        state.answered(number, outcome);
      },
      [&state](due_atom, std::uint64_t number) { state.send_again(number); },
      [&state](caf::tick_atom) { state.opened(); },
  };
}

}  // namespace stayler::actors
