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
using adapters::outbox_state;

const failure too_many{error_class::store_full, "too many notifications are open"};

std::string describe(const failure& error) {
  return std::string{to_string(error.kind)} + ": " + error.message;
}

/// Turns the completion, which comes on any thread, into a message. It holds the actor weakly: a
/// channel may complete long after the actor's end.
adapters::notification_channel::completion completion_for(
    notifier_state::pointer self, delivery_queue::ticket ticket
) {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(self), ticket](const void_result& outcome) {
    if (const auto strong = weak.lock()) {
      tell(
          caf::actor_cast<notifier_impl>(strong), finish_atom_v, ticket,
          outcome ? failure{} : outcome.error()
      );
    }
  };
}

/// The pause after that many tries, and never less than the receiver asks for, within the bound.
milliseconds pause_after(
    const notifier_options& options, std::uint32_t tries, const failure& error
) {
  auto pause = options.first_pause;
  for (std::uint32_t i = 1; i < tries && pause < options.max_pause; ++i) {
    pause *= 2;
  }
  return std::min(std::max(pause, error.retry_after), options.max_pause);
}

}  // namespace

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
  status.outbox_error = sync_.error();
  return status;
}

notifier_state::ticket notifier_state::enlist(const notification& event) {
  const timestamp now = options_.clock->now();
  const ticket added = add({event, now, now});
  sync_.add(added);
  if (sync_.is_away()) {
    accept_unsaved(added);
  }
  return added;
}

notifier_state::ticket notifier_state::add(outbox_entry entry) {
  if (queue_.size() >= options_.max_open) {
    if (const auto oldest = queue_.oldest_at_rest()) {
      give_up(*oldest, too_many);
    }
  }
  return queue_.add(std::move(entry));
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
  while (const auto next = queue_.begin_delivery(options_.max_in_flight)) {
    options_.channel->deliver(queue_.at(*next).entry.event, completion_for(self_, *next));
  }
}

void notifier_state::delivery_ended(ticket delivered, const failure& error) {
  if (!queue_.end_delivery(delivered)) {
    return;
  }
  if (!error) {
    status_.failures_in_a_row = 0;
    end(delivered, outbox_state::delivered);
  } else {
    ++status_.failures_in_a_row;
    status_.last_error = error;
    status_.last_failure = options_.clock->now();
    const bool is_worth_a_try =
        is_retryable(error.kind) && queue_.at(delivered).entry.tries < options_.max_tries;
    is_worth_a_try ? delay(delivered, error) : give_up(delivered, error);
  }
  proceed();
}

void notifier_state::delay(ticket delayed, const failure& error) {
  outbox_entry& entry = queue_.at(delayed).entry;
  const milliseconds pause = pause_after(options_, entry.tries, error);
  entry.due_at = options_.clock->now() + pause;
  sync_.add({entry.event.event_id, outbox_state::open, entry.due_at, entry.tries});
  self_->delayed_send(self_, pause, due_atom_v, delayed);
}

void notifier_state::try_again(ticket due) {
  if (queue_.contains(due)) {  // not dropped during the pause
    queue_.make_ready(due);
    proceed();
  }
}

void notifier_state::give_up(ticket given_up, const failure& error) {
  const notification& event = queue_.at(given_up).entry.event;
  write_log(
      fmt::format("gave up notification {} ({}): {}", event.event_id, event.event, describe(error))
  );
  end(given_up, outbox_state::given_up);
}

void notifier_state::end(ticket ended, outbox_state how) {
  const outbox_entry& entry = queue_.at(ended).entry;
  sync_.add({entry.event.event_id, how, options_.clock->now(), entry.tries});
  ++(how == outbox_state::delivered ? status_.delivered : status_.given_up);
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
  const notification_status now = report_status();
  const notification_report report{
      now.open, now.delivered - reported_.delivered, now.given_up - reported_.given_up,
      now.unsaved - reported_.unsaved};
  if (options_.metrics && report != notification_report{reported_.open}) {
    tell(options_.metrics, report);
  }
  reported_ = now;
}

void notifier_state::answer_flushes() {
  // What waits for its next try is safe in the outbox, unless that is away.
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
