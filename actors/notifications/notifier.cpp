// SPDX-License-Identifier: MIT
#include "actors/notifications/notifier.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"
#include "actors/support/tell.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::outbox_entry;

/// What is kept and shown of an error: printable, whatever the receiver has said.
std::string kept_words(const failure& error) {
  constexpr std::size_t most = 500;
  std::string words = error.message.substr(0, most);
  std::ranges::replace_if(
      words, [](char c) { return c < ' ' || c > '~'; }, '?'
  );
  return words;
}

std::string describe(const delivery_result& how) {
  return std::string{to_string(how.problem)} + ": " + kept_words(how.error);
}

/// Turns the completion, which comes on any thread, into a message. It holds the actor weakly: a
/// channel may complete long after the actor's end.
adapters::notification_channel::completion completion_for(
    notifier_state::pointer self, delivery_queue::ticket ticket
) {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(self), ticket](const delivery_result& how) {
    if (const auto strong = weak.lock()) {
      tell(caf::actor_cast<notifier_impl>(strong), finish_atom_v, ticket, how);
    }
  };
}

/// The pause after that many tries, and never less than the receiver asks for, within the bound.
milliseconds pause_after(
    const notifier_options& options, std::uint32_t tries, const failure& error
) {
  const milliseconds longest = options.limits.max_pause;
  auto pause = options.first_pause;
  for (std::uint32_t i = 1; i < tries && pause < longest; ++i) {
    pause *= 2;
  }
  return std::min(std::max(pause, error.retry_after), longest);
}

}  // namespace

notifier_limits notifier_limits_from(const settings& config) {
  return {
      config.notify_max_pause, config.notify_give_up, config.webhook_concurrency,
      config.notify_retention};
}

caf::result<unit_value> notifier_state::notify(const notification& event) {
  const auto known = queue_.find(event.event_id);
  const ticket entered = known ? *known : enlist(event);
  const bool must_wait = queue_.at(entered).is_new;
  if (must_wait) {
    callers_[entered].push_back(make_reply_promise<unit_value>(self_));
  }
  proceed();
  return must_wait ? caf::result<unit_value>{caf::delegated<unit_value>{}} : unit_value{};
}

caf::result<unit_value> notifier_state::flush() {
  flushing_.push_back(make_reply_promise<unit_value>(self_));
  answer_flushes();
  return caf::delegated<unit_value>{};
}

notification_status notifier_state::report_status() {
  notification_status status = status_;
  status.open = queue_.size();
  const receiver_state worst = queue_.most_troubled();
  status.failures_in_a_row = worst.failures_in_a_row;
  status.last_error = worst.last.error;
  if (!worst.receiver.empty()) {
    status.last_error.message.insert(0, worst.receiver + ": ");
  }
  status.last_failure = worst.last_failure;
  status.outbox_error = sync_.error();
  return status;
}

notifier_state::ticket notifier_state::enlist(const notification& event) {
  const timestamp now = options_.clock->now();
  const ticket added = add({event, now, now, 0, now});
  sync_.add(added);
  if (sync_.is_away()) {
    accept_unsaved(added);
  }
  return added;
}

notifier_state::ticket notifier_state::add(outbox_entry entry) {
  if (queue_.size() >= options_.max_open) {
    if (const auto oldest = queue_.oldest_at_rest()) {
      give_up(*oldest, "too many notifications are open");
    }
  }
  const std::string receiver = options_.channel->receiver_of(entry.event);
  return queue_.add(std::move(entry), receiver);
}

void notifier_state::accept(ticket accepted) {
  queue_.at(accepted).is_new = false;
  answer_callers(accepted);
  queue_.make_ready(accepted);
}

void notifier_state::accept_unsaved(ticket accepted) {
  ++status_.unsaved;
  accept(accepted);
}

void notifier_state::answer_callers(ticket accepted) {
  if (auto waiting = callers_.extract(accepted)) {
    for (auto& caller : waiting.mapped()) {
      caller.deliver({});
    }
  }
}

void notifier_state::start_deliveries() {
  // Who waits for a flush does not wait for receivers that fail: the outbox keeps what is theirs.
  const bool is_flushing = !flushing_.empty() && !sync_.is_away();
  const delivery_bounds bounds{
      options_.max_in_flight, options_.limits.max_per_receiver, is_flushing ? 0U : 1U};
  while (const auto next = queue_.begin_delivery(bounds)) {
    options_.channel->deliver(queue_.at(*next).entry.event, completion_for(self_, *next));
  }
}

void notifier_state::delivery_ended(ticket delivered, const delivery_result& how) {
  const receiver_state before =
      queue_.contains(delivered) ? queue_.receiver_of(delivered) : receiver_state{};
  if (!queue_.end_delivery(delivered, how, options_.clock->now())) {
    return;
  }
  tell_change(delivered, before);
  if (how.is_success()) {
    end(delivered, {{}, outbox_state::delivered, {}, 0});
  } else {
    delivery_failed(delivered, how);
  }
  proceed();
}

void notifier_state::delivery_failed(ticket failed, const delivery_result& how) {
  ++failed_.at(static_cast<std::size_t>(how.problem));
  outbox_entry& entry = queue_.at(failed).entry;
  entry.problem = how.problem;
  entry.error = kept_words(how.error);
  const bool is_old = options_.clock->now() >= entry.opened_at + options_.limits.give_up_after;
  if (how.problem == delivery_problem::gone || is_old) {
    give_up(failed, describe(how));
  } else {
    delay(failed, how);
  }
}

/// Says once when a receiver begins to fail, or fails in another way, and when that is over.
void notifier_state::tell_change(ticket of, const receiver_state& before) {
  const delivery_result& now = queue_.receiver_of(of).last;
  if (now.problem == before.last.problem) {
    return;
  }
  const std::string& receiver = queue_.at(of).receiver;
  const std::string whom = receiver.empty() ? "" : " to " + receiver;
  write_log(
      now.is_success() ? fmt::format("notifications{} are delivered again", whom)
                       : fmt::format(
                           "notifications{} are not delivered: {}{}", whom, describe(now),
                           now.problem == delivery_problem::gone ? "" : "; they are tried again"
                       )
  );
}

/// The last try is made when the notification is about to be too old.
void notifier_state::delay(ticket delayed, const delivery_result& why) {
  outbox_entry& entry = queue_.at(delayed).entry;
  const timestamp now = options_.clock->now();
  const timestamp last_try = entry.opened_at + options_.limits.give_up_after;
  entry.due_at = std::min(now + pause_after(options_, entry.tries, why.error), last_try);
  sync_.add(
      {entry.event.event_id, outbox_state::open, entry.due_at, entry.tries, entry.problem,
       entry.error}
  );
  wait(delayed, entry.due_at - now);
}

void notifier_state::wait(ticket waiting, milliseconds pause) {
  // Bounded, should the clock have been set back.
  self_->delayed_send(
      self_, std::min(pause, options_.limits.max_pause), due_atom_v, waiting,
      queue_.at(waiting).entry.tries
  );
}

void notifier_state::try_again(ticket due, std::uint32_t after_try) {
  // Not ended during the pause, nor tried by hand since.
  if (queue_.contains(due) && queue_.at(due).entry.tries == after_try) {
    queue_.make_ready(due);
    proceed();
  }
}

void notifier_state::give_up(ticket given_up, const std::string& why) {
  const outbox_entry& entry = queue_.at(given_up).entry;
  write_log(fmt::format(
      "gave up notification {} ({}) after {} deliveries: {}", entry.event.event_id,
      entry.event.event, entry.tries, why
  ));
  end(given_up,
      {{}, outbox_state::given_up, {}, 0, entry.problem, entry.error.empty() ? why : entry.error});
}

void notifier_state::end(ticket ended, adapters::outbox_update how) {
  const outbox_entry& entry = queue_.at(ended).entry;
  how.event_id = entry.event.event_id;
  how.at = options_.clock->now();
  how.tries = entry.tries;
  ++(how.state == outbox_state::delivered ? status_.delivered : status_.given_up);
  sync_.add(std::move(how));
  remove(ended);
}

void notifier_state::remove(ticket removed) {
  answer_callers(removed);
  queue_.remove(removed);
}

void notifier_state::proceed() {
  start_deliveries();
  if (!sync_.is_away()) {
    synchronize();
  }
  report_changes();
  answer_flushes();
}

void notifier_state::report_changes() {
  notification_status now = status_;
  now.open = queue_.size();
  const notification_report report{
      now.open, now.delivered - reported_.delivered, now.given_up - reported_.given_up,
      now.unsaved - reported_.unsaved, failed_};
  if (options_.metrics && report != notification_report{reported_.open}) {
    tell(options_.metrics, report);
  }
  reported_ = now;
  failed_ = {};
}

void notifier_state::answer_flushes() {
  // What waits for its next try is safe in the outbox, unless that is away.
  if (flushing_.empty()) {
    return;
  }
  if (sync_.is_away() ? queue_.size() == 0 : queue_.is_idle() && sync_.is_complete()) {
    for (auto& answer : std::exchange(flushing_, {})) {
      answer.deliver({});
    }
  }
}

void notifier_state::write_log(const std::string& line) const {
  if (options_.log) {
    options_.log(line);
  }
}

/// What is being delivered ends by itself: its update finds no entry in the outbox.
void notifier_state::forget_user(const std::string& user_id) {
  for (const ticket each : queue_.about(user_id)) {
    if (!queue_.at(each).is_in_flight) {
      remove(each);
    }
  }
  proceed();
}

void notifier_state::change_settings(const settings& changed) {
  options_.limits = notifier_limits_from(changed);
  proceed();
}

notifier_impl::behavior_type notifier_state::make_behavior(notifier_options options) {
  install_supervision(self_);
  options_ = std::move(options);
  const outbox_io_options outbox{options_.outbox};
  outbox_ = outbox.outbox->is_blocking()
                ? self_->spawn<caf::linked + caf::detached>(outbox_io, outbox)
                : self_->spawn<caf::linked>(outbox_io, outbox);
  synchronize();
  purge();
  if (outbox.outbox->is_shared()) {
    self_->delayed_send(self_, options_.claim_interval, claim_outbox_atom_v);
  }
  using self = notifier_state;
  return {
      handle<notify_atom>(*this, &self::notify),
      handle<flush_atom>(*this, &self::flush),
      handle<status_atom>(*this, &self::report_status),
      handle<list_atom>(*this, &self::list),
      handle<redeliver_atom>(*this, &self::redeliver),
      handle<redeliver_atom>(*this, &self::redeliver_all),
      handle<erase_atom>(*this, &self::forget_user),
      handle<settings_atom>(*this, &self::change_settings),
      handle<finish_atom>(*this, &self::delivery_ended),
      handle<due_atom>(*this, &self::try_again),
      handle<retry_outbox_atom>(*this, &self::synchronize),
      handle<claim_outbox_atom>(*this, &self::reload_outbox),
      handle<purge_outbox_atom>(*this, &self::purge),
  };
}

notifier_impl::behavior_type notifier(notifier_state::pointer self, notifier_options options) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
