// SPDX-License-Identifier: MIT
#include "actors/provider/limits/provider_limits.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"
#include "actors/support/tell.hpp"
#include "adapters/gemini/provider_day.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::gemini::log;

constexpr std::chrono::seconds records_timeout{5};

/// How often permits and requests are looked through, as long as there are any.
constexpr std::chrono::seconds expiry_pause{5};

/// How long a permit that was taken back is remembered.
constexpr std::chrono::minutes memory{10};

}  // namespace

provider_limits_state::provider_limits_state(pointer self)
    : self_(self),
      peers_(
          self,
          {[this] { return snapshot(); },
           [this](const auto& others, std::size_t rank) { merge(others, rank); },
           // Not before: only now is what the others had spent in the records.
           [this] { load_spending(); }}
      ),
      memory_(self),
      publisher_(self) {}

void provider_limits_state::configure() {
  models_.configure(options_.config.gemini);
  budget_.configure(options_.config.gemini);
}

void provider_limits_state::change_settings(settings& changed) {
  options_.config = std::move(changed);
  configure();
  serve_waiting();
}

void provider_limits_state::begin(const std::vector<found_limit>& found) {
  models_.begin(found, now(), date());
  if (options_.exchange) {
    peers_.begin(options_.exchange, options_.instance_id);
  } else {
    load_spending();
  }
}

void provider_limits_state::keep_limits() {
  memory_.keep(models_.found(date()));
}

void provider_limits_state::load_spending() {
  if (!options_.records) {
    knows_spending_ = true;
    return;
  }
  const auto go_on = [this](const std::vector<user_spending>& entries) {
    budget_.load(entries, date());
    knows_spending_ = true;
    serve_waiting();
  };
  self_->request(options_.records, records_timeout, spending_atom_v, adapters::provider_day(date()))
      .then(go_on, [go_on](const caf::error&) {
        log.warning("what was spent today is not known; budgets count from now");
        go_on({});
      });
}

policies::peer_record provider_limits_state::snapshot() {
  policies::peer_record own = models_.snapshot(now(), date());
  own.account = budget_.snapshot(date());
  own.workers = workers_;
  return own;
}

void provider_limits_state::merge(
    const std::vector<policies::peer_record>& others, std::size_t rank
) {
  std::vector<std::pair<std::string, policies::peer_account>> accounts;
  workers_of_others_ = 0;
  for (const policies::peer_record& other : others) {
    accounts.emplace_back(other.instance_id, other.account);
    workers_of_others_ += other.workers;
  }
  models_.merge(others, rank, now(), date());
  budget_.merge(accounts, rank == 0, date());
  serve_waiting();
}

caf::result<call_permit> provider_limits_state::admit(call_request& request) {
  if (!models_.has_keys()) {
    return to_error(
        {error_class::authentication, "the coordinator has no API key: set GEMINI_API_KEY"}
    );
  }
  // Whoever asks anew has lost the answer to what it asked before.
  abort(request.attempt);
  if (request.time_left.count() <= 0) {
    request.time_left = options_.config.gemini.timeout;
  }
  const attempt_id attempt = request.attempt;
  const bool is_first = request.requeue_first;
  // The promise takes the sender with it.
  const auto holder = caf::actor_cast<caf::actor_addr>(self_->current_sender());
  if (holder && holders_.insert(holder).second) {
    self_->monitor(holder);
  }
  const clock_time ends_at = now() + request.time_left;
  open_request entry{std::move(request), make_reply_promise<call_permit>(self_), ends_at, holder};
  requests_.emplace(attempt, std::move(entry));
  waiting_.insert(is_first ? waiting_.begin() : waiting_.end(), attempt);
  serve_waiting();
  expire_later();
  return caf::delegated<call_permit>{};
}

void provider_limits_state::serve_waiting() {
  std::deque<attempt_id> passed_over;
  while (knows_spending_ && !waiting_.empty()) {
    const auto request = requests_.find(waiting_.front());
    if (request != requests_.end() && !serve(request, passed_over)) {
      break;
    }
    waiting_.pop_front();
  }
  waiting_.insert(waiting_.begin(), passed_over.begin(), passed_over.end());
  if (const auto shut = models_.closed(now(), date())) {
    hold_waiting(*shut);
  }
  publish_capacity();
}

bool provider_limits_state::serve(
    request_map::iterator entry, std::deque<attempt_id>& passed_over
) {
  auto& [attempt, request] = *entry;
  const call_request& wanted = request.wanted;
  switch (budget_.reserve(attempt, wanted.user_id, wanted.most, date())) {
    case policies::daily_budget::verdict::granted:
      break;
    case policies::daily_budget::verdict::must_wait:
      passed_over.push_back(attempt);
      return true;
    case policies::daily_budget::verdict::day_is_spent:
      hold(entry, budget_.resets_at(), "the budget of the day is spent");
      return true;
    case policies::daily_budget::verdict::user_is_spent:
      hold(entry, budget_.resets_at(), "the user's budget of the day is spent");
      return true;
  }
  return give_permit(entry);
}

bool provider_limits_state::give_permit(request_map::iterator entry) {
  auto& [attempt, request] = *entry;
  auto admitted = models_.admit(now(), date());
  if (!admitted) {
    budget_.release(attempt);
    models_.request_more(now());
    if (const auto next = models_.next_at(now(), date()); next > now()) {
      wake_at(next);
    }
    return false;
  }
  ++status_.calls;
  memory_.remind();
  call_permit answer{admitted->call.key_id, admitted->model};
  permits_.add(
      attempt, {std::move(*admitted), request.wanted.user_id, request.wanted.most,
                request.ends_at + options_.permit_margin, request.holder}
  );
  request.answer.deliver(std::move(answer));
  requests_.erase(entry);
  return true;
}

void provider_limits_state::hold_waiting(const policies::model_pool::closure& shut) {
  wake_at(shut.until);
  const auto wait = std::chrono::ceil<milliseconds>(shut.until - now());
  if (wait <= options_.longest_wait) {
    return;
  }
  models_.request_more(now());
  for (const attempt_id& attempt : std::exchange(waiting_, {})) {
    if (const auto request = requests_.find(attempt); request != requests_.end()) {
      hold(request, date() + wait, shut.reason);
    }
  }
}

void provider_limits_state::hold(
    request_map::iterator request, timestamp until, const std::string& reason
) {
  refuse(request, {error_class::held, reason, std::max(milliseconds{1}, until - date())});
}

void provider_limits_state::refuse(request_map::iterator request, const failure& why) {
  request->second.answer.fail(why);
  requests_.erase(request);
}

void provider_limits_state::settle(const call_outcome& outcome) {
  if (const auto request = requests_.find(outcome.attempt); request != requests_.end()) {
    refuse(request, {error_class::cancelled, "the call is not wanted any more"});
    serve_waiting();
    return;
  }
  if (const auto given = permits_.take(outcome.attempt)) {
    if (outcome.was_made && outcome.error.kind != error_class::cancelled) {
      models_.end(given->call, outcome.error, outcome.could_wait, now());
    } else {
      models_.forget(given->call);
    }
  } else if (permits_.forget_revoked(outcome.attempt)) {
    return;
  }
  count(outcome);
  memory_.remind();
  if (outcome.cost.calls > 0) {
    book(outcome.attempt, outcome.user_id, outcome.cost);
  } else {
    budget_.release(outcome.attempt);
  }
  serve_waiting();
}

void provider_limits_state::count(const call_outcome& outcome) {
  if (!outcome.was_made || outcome.error.kind == error_class::cancelled) {
    return;
  }
  status_.last_error = outcome.error;
  if (outcome.error) {
    ++status_.failed_calls;
    status_.last_failure = date();
    if (policies::refuses_key(outcome.error.kind)) {
      ++status_.refused_keys;
      status_.last_refusal = outcome.error.kind;
    }
  } else {
    status_.last_success = date();
  }
}

void provider_limits_state::book(
    const attempt_id& attempt, const std::string& user, const spending& cost
) {
  user_spending entry = budget_.settle(attempt, user, cost, date());
  if (options_.records) {
    tell(options_.records, record_atom_v, std::move(entry));
  }
}

void provider_limits_state::abort(const attempt_id& attempt) {
  if (const auto request = requests_.find(attempt); request != requests_.end()) {
    refuse(request, {error_class::cancelled, "the attempt has been given up"});
  } else if (const auto given = permits_.take(attempt)) {
    revoke(attempt, *given);
    serve_waiting();
  }
}

void provider_limits_state::revoke(const attempt_id& attempt, const permit& given) {
  models_.forget(given.call);
  spending most;
  most.calls = 1;
  most.cost = given.most;
  book(attempt, given.user_id, most);
  permits_.remember_revoked(attempt, now() + memory);
}

void provider_limits_state::holder_down(const caf::actor_addr& holder) {
  holders_.erase(holder);
  std::erase_if(requests_, [&](const auto& entry) { return entry.second.holder == holder; });
  for (const auto& [attempt, given] : permits_.take_of(holder)) {
    revoke(attempt, given);
  }
  serve_waiting();
}

void provider_limits_state::expire_later() {
  if ((!requests_.empty() || !permits_.is_empty()) && !is_expiry_due_) {
    is_expiry_due_ = true;
    self_->delayed_send(self_, expiry_pause, expire_atom_v);
  }
}

void provider_limits_state::expire() {
  is_expiry_due_ = false;
  for (auto next = requests_.begin(); next != requests_.end();) {
    const auto request = next++;
    if (request->second.ends_at <= now()) {
      hold(request, date() + expiry_pause, "its turn did not come in time");
    }
  }
  for (const auto& [attempt, given] : permits_.take_overdue(now())) {
    log.warning("a call was never settled", {{"jobId", attempt.job}, {"attempt", attempt.token}});
    revoke(attempt, given);
  }
  permits_.forget_old(now());
  serve_waiting();
  expire_later();
}

void provider_limits_state::wake_at(clock_time when) {
  if (wakes_at_ && *wakes_at_ <= when) {
    return;
  }
  wakes_at_ = when;
  const auto pause = std::chrono::ceil<milliseconds>(when - now());
  self_->delayed_send(self_, std::max(pause, milliseconds{1}), reopen_atom_v);
}

void provider_limits_state::reopen() {
  wakes_at_.reset();
  serve_waiting();
}

provider_capacity provider_limits_state::capacity() {
  provider_capacity shown = models_.capacity(now(), date());
  if (budget_.is_day_spent(date())) {
    shown.closed_until = std::max(shown.closed_until, budget_.resets_at());
    shown.reason = "the budget of the day is spent";
  }
  return shown;
}

void provider_limits_state::publish_capacity() {
  const bool is_other_model = publisher_.note_model(models_.serving(now()));
  if (publisher_.publish(capacity()) || is_other_model) {
    self_->send(options_.metrics, status());
  }
}

void provider_limits_state::share_workers(std::uint32_t joined) {
  workers_ = joined;
}

void provider_limits_state::watch(queue_actor queue) {
  publisher_.watch(std::move(queue), capacity());
}

provider_status provider_limits_state::status() {
  provider_status shown = status_;
  shown.calls_in_flight = models_.in_flight();
  shown.calls_waiting = static_cast<std::uint32_t>(requests_.size());
  shown.max_in_flight = models_.limit(now());
  shown.requests_per_minute = models_.per_minute(now());
  shown.coordinators = peers_.count() + 1;
  shown.breaker = models_.breaker(now());
  shown.model = models_.serving(now());
  shown.models = models_.status(now(), date());
  shown.limit_of_all = models_.limit_of_all(now());
  shown.workers_of_all = workers_ + workers_of_others_;
  const provider_capacity current = capacity();
  shown.closed_until = current.closed_until;
  shown.closed_reason = current.reason;
  return shown;
}

spending_report provider_limits_state::report_spending() {
  return budget_.report(date());
}

provider_limits_impl::behavior_type provider_limits_state::make_behavior(
    provider_limits_options options
) {
  install_supervision(self_);
  self_->set_down_handler([this](const caf::down_msg& down) { holder_down(down.source); });
  options_ = std::move(options);
  configure();
  memory_.load(options_.records, [this](const auto& found) { begin(found); });
  using self = provider_limits_state;
  return {
      handle<admit_atom>(*this, &self::admit),
      handle<settle_atom>(*this, &self::settle),
      handle<abort_atom>(*this, &self::abort),
      handle<status_atom>(*this, &self::status),
      handle<spending_atom>(*this, &self::report_spending),
      handle<share_atom>(*this, &self::share_workers),
      handle<watch_atom>(*this, &self::watch),
      handle<settings_atom>(*this, &self::change_settings),
      handle<reopen_atom>(*this, &self::reopen),
      handle<expire_atom>(*this, &self::expire),
      handle<exchange_atom>(peers_, &peer_exchange::exchange),
      handle<limits_atom>(*this, &self::keep_limits),
  };
}

provider_limits_impl::behavior_type provider_limits(
    provider_limits_state::pointer self, provider_limits_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
