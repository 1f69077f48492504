// SPDX-License-Identifier: MIT
#include "actors/notifications/notifier.hpp"

#include "actors/supervision/supervised.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace stayler::actors {

namespace {

using self_pointer = notifier_inner_actor::stateful_pointer<notifier_state>;
using adapters::outbox_entry;
using adapters::outbox_state;
using adapters::outbox_update;

const failure too_many{error_class::store_full, "too many notifications are open", {}};

std::string describe(const failure& error) {
  return std::string{to_string(error.kind)} + ": " + error.message;
}

void log(const notifier_state& state, const std::string& line) {
  if (state.options.log) {
    state.options.log(line);
  }
}

notification_status report_status(const notifier_state& state) {
  notification_status status = state.status;
  status.open = state.open.size();
  return status;
}

/// Tells the metrics actor what has changed since it was told last.
void tell_metrics(notifier_state& state) {
  const notification_status now = report_status(state);
  const notification_report report{
      now.open, now.delivered - state.told.delivered, now.given_up - state.told.given_up,
      now.unsaved - state.told.unsaved};
  if (state.options.metrics && report != notification_report{state.told.open}) {
    caf::anon_send(state.options.metrics, report);
  }
  state.told = now;
}

/// Turns the completion, which comes on any thread, into a message. It holds the actor weakly: a
/// channel may complete long after the actor's end.
adapters::notification_channel::completion completion_for(self_pointer self, std::uint64_t ticket) {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(self), ticket](const void_result& outcome) {
    if (const auto strong = weak.lock()) {
      caf::anon_send(
          caf::actor_cast<notifier_inner_actor>(strong), finish_atom_v, ticket,
          outcome ? failure{} : outcome.error()
      );
    }
  };
}

void deliver_ready(self_pointer self) {
  auto& state = self->state;
  while (!state.ready.empty() && state.in_flight < state.options.max_in_flight) {
    const auto ticket = state.ready.front();
    state.ready.pop_front();
    auto& entry = state.open.at(ticket);
    ++state.in_flight;
    ++entry.kept.tries;
    entry.is_in_flight = true;
    state.options.channel->deliver(entry.kept.event, completion_for(self, ticket));
  }
}

/// Whoever waits for its being taken over is told.
void answer_askers(open_notification& entry) {
  for (auto& asker : std::exchange(entry.askers, {})) {
    asker.deliver({});
  }
}

void take_over(notifier_state& state, std::uint64_t ticket) {
  auto& entry = state.open.at(ticket);
  entry.is_new = false;
  answer_askers(entry);
  state.ready.push_back(ticket);
}

void take_over_unsaved(notifier_state& state, std::uint64_t ticket) {
  ++state.status.unsaved;
  take_over(state, ticket);
}

void forget(notifier_state& state, std::uint64_t ticket) {
  const auto found = state.open.find(ticket);
  answer_askers(found->second);
  state.tickets.erase(found->second.kept.event.event_id);
  state.open.erase(found);
}

void end(notifier_state& state, std::uint64_t ticket, outbox_state how) {
  const auto& kept = state.open.at(ticket).kept;
  state.updates.push_back({kept.event.event_id, how, state.options.clock->now(), kept.tries});
  ++(how == outbox_state::delivered ? state.status.delivered : state.status.given_up);
  forget(state, ticket);
}

void give_up(notifier_state& state, std::uint64_t ticket, const failure& error) {
  const notification& event = state.open.at(ticket).kept.event;
  log(state,
      "gave up notification " + event.event_id + " (" + event.event + "): " + describe(error));
  end(state, ticket, outbox_state::given_up);
}

void drop_oldest(notifier_state& state) {
  const auto oldest = std::find_if(state.open.begin(), state.open.end(), [](const auto& entry) {
    return !entry.second.is_in_flight;
  });
  if (oldest != state.open.end()) {
    std::erase(state.ready, oldest->first);
    give_up(state, oldest->first, too_many);
  }
}

std::uint64_t add(notifier_state& state, outbox_entry kept) {
  if (state.open.size() >= state.options.max_open) {
    drop_oldest(state);
  }
  const auto ticket = ++state.last_ticket;
  state.tickets.emplace(kept.event.event_id, ticket);
  state.open[ticket].kept = std::move(kept);
  return ticket;
}

void answer_flushes(notifier_state& state) {
  const bool is_idle = state.in_flight == 0 && state.ready.empty();
  const bool is_saved = !state.is_saving && state.unsaved.empty() && state.updates.empty();
  // What waits for its next try is safe in the outbox, unless that is away.
  if (state.status.outbox_error ? state.open.empty() : is_idle && is_saved) {
    for (auto& answer : std::exchange(state.flushing, {})) {
      answer.deliver({});
    }
  }
}

void save(self_pointer self);

/// What follows every change: deliveries, the next batch, and those who want to know.
void go_on(self_pointer self) {
  auto& state = self->state;
  deliver_ready(self);
  if (!state.status.outbox_error) {
    save(self);
  }
  tell_metrics(state);
  answer_flushes(state);
}

void outbox_answered(notifier_state& state) {
  state.is_saving = false;
  if (std::exchange(state.status.outbox_error, {})) {
    log(state, "the outbox is back");
  }
}

/// From here on notifications are taken over into memory, until the outbox is back.
void outbox_failed(self_pointer self, const failure& error) {
  auto& state = self->state;
  state.is_saving = false;
  if (!state.status.outbox_error) {
    log(state, "the outbox is away, notifications are kept in memory only: " + describe(error));
  }
  state.status.outbox_error = error;
  for (const auto ticket : state.unsaved) {
    if (state.open.contains(ticket) && state.open.at(ticket).is_new) {
      take_over_unsaved(state, ticket);
    }
  }
  if (const auto count = state.updates.size(); count > state.options.max_open) {
    const auto surplus = static_cast<std::ptrdiff_t>(count - state.options.max_open);
    state.updates.erase(state.updates.begin(), state.updates.begin() + surplus);
  }
  self->delayed_send(self, state.options.outbox_pause, retry_atom_v);
  go_on(self);
}

/// Goes on with what an earlier notifier has left.
void take_up(self_pointer self, outbox_entry& left) {
  auto& state = self->state;
  const auto known = state.tickets.find(left.event.event_id);
  const bool is_known = known != state.tickets.end();
  if (is_known && !state.open.at(known->second).is_new) {
    return;  // taken over into memory, and perhaps under way
  }
  const milliseconds pause = left.due_at - state.options.clock->now();
  const auto ticket = is_known ? known->second : add(state, left);
  auto& entry = state.open.at(ticket);
  entry.kept = std::move(left);
  entry.is_new = false;
  entry.is_saved = true;
  answer_askers(entry);
  if (pause <= milliseconds{0}) {
    state.ready.push_back(ticket);
  } else {
    // Bounded, should the clock have been set back.
    self->delayed_send(self, std::min(pause, state.options.max_pause), due_atom_v, ticket);
  }
}

/// What has ended since the outbox was asked is open in its answer all the same.
void leave_out_ended(const notifier_state& state, std::vector<outbox_entry>& listed) {
  std::unordered_set<std::string> ended;
  for (const outbox_update& update : state.updates) {
    if (update.state != outbox_state::open) {
      ended.insert(update.event_id);
    }
  }
  std::erase_if(listed, [&ended](const outbox_entry& entry) {
    return ended.contains(entry.event.event_id);
  });
}

void load(self_pointer self) {
  auto& state = self->state;
  state.is_saving = true;
  self->request(state.keeper, state.options.outbox_timeout, list_atom_v)
      .then(
          [self](std::vector<outbox_entry>& left) {
            outbox_answered(self->state);
            self->state.is_loaded = true;
            leave_out_ended(self->state, left);
            for (auto& entry : left) {
              take_up(self, entry);
            }
            go_on(self);
          },
          [self](const caf::error& reason) { outbox_failed(self, to_failure(reason)); }
      );
}

void saved(
    self_pointer self, const std::vector<std::uint64_t>& tickets, std::vector<std::string>& known
) {
  auto& state = self->state;
  outbox_answered(state);
  std::ranges::sort(known);
  for (const auto ticket : tickets) {
    const auto found = state.open.find(ticket);
    if (found == state.open.end()) {
      continue;
    }
    auto& entry = found->second;
    entry.is_saved = true;
    if (entry.is_new) {
      std::ranges::binary_search(known, entry.kept.event.event_id) ? forget(state, ticket)
                                                                   : take_over(state, ticket);
    }
  }
  go_on(self);
}

/// The batch is to be written again, with what comes until then.
void not_saved(
    self_pointer self,
    const std::vector<std::uint64_t>& tickets,
    const std::vector<outbox_update>& updates,
    const failure& error
) {
  auto& state = self->state;
  state.unsaved.insert(state.unsaved.begin(), tickets.begin(), tickets.end());
  state.updates.insert(state.updates.begin(), updates.begin(), updates.end());
  outbox_failed(self, error);
}

/// The tickets of what is still to be added to the outbox.
std::vector<std::uint64_t> take_unsaved(notifier_state& state) {
  auto tickets = std::exchange(state.unsaved, {});
  std::erase_if(tickets, [&state](std::uint64_t ticket) {
    return !state.open.contains(ticket) || state.open.at(ticket).is_saved;
  });
  return tickets;
}

/// Writes all that has changed as one batch, unless one is being written.
void save(self_pointer self) {
  auto& state = self->state;
  if (state.is_saving) {
    return;
  }
  // What has ended in the meantime is written first, so that it is not taken up again.
  if (!state.is_loaded && state.updates.empty()) {
    load(self);
    return;
  }
  const auto tickets = take_unsaved(state);
  adapters::outbox_batch batch{{}, std::exchange(state.updates, {})};
  for (const auto ticket : tickets) {
    batch.added.push_back(state.open.at(ticket).kept);
  }
  // An outbox that is away is asked all the same: its answer says that it is back.
  if (batch.added.empty() && batch.updates.empty() && !state.status.outbox_error) {
    return;
  }
  state.is_saving = true;
  self->request(state.keeper, state.options.outbox_timeout, execute_atom_v, batch)
      .then(
          [self, tickets](std::vector<std::string>& known) { saved(self, tickets, known); },
          [self, tickets, updates = batch.updates](const caf::error& reason) {
            not_saved(self, tickets, updates, to_failure(reason));
          }
      );
}

std::uint64_t enlist(notifier_state& state, const notification& event) {
  const timestamp now = state.options.clock->now();
  const auto ticket = add(state, {event, now, now});
  state.unsaved.push_back(ticket);
  if (state.status.outbox_error) {
    take_over_unsaved(state, ticket);
  }
  return ticket;
}

caf::result<unit_value> notify(self_pointer self, const notification& event) {
  auto& state = self->state;
  const auto known = state.tickets.find(event.event_id);
  const auto ticket = known == state.tickets.end() ? enlist(state, event) : known->second;
  const bool must_wait = state.open.at(ticket).is_new;
  if (must_wait) {
    state.open.at(ticket).askers.push_back(make_reply_promise<unit_value>(self));
  }
  go_on(self);
  return must_wait ? caf::result<unit_value>{caf::delegated<unit_value>{}} : unit_value{};
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

void put_off(self_pointer self, std::uint64_t ticket, const failure& error) {
  auto& state = self->state;
  auto& kept = state.open.at(ticket).kept;
  const auto pause = pause_after(state.options, kept.tries, error);
  kept.due_at = state.options.clock->now() + pause;
  state.updates.push_back({kept.event.event_id, outbox_state::open, kept.due_at, kept.tries});
  self->delayed_send(self, pause, due_atom_v, ticket);
}

void conclude_try(self_pointer self, std::uint64_t ticket, const failure& error) {
  auto& state = self->state;
  const auto found = state.open.find(ticket);
  if (found == state.open.end() || !found->second.is_in_flight) {
    return;
  }
  --state.in_flight;
  found->second.is_in_flight = false;
  if (!error) {
    state.status.failures_in_a_row = 0;
    end(state, ticket, outbox_state::delivered);
  } else {
    ++state.status.failures_in_a_row;
    state.status.last_error = error;
    state.status.last_failure = state.options.clock->now();
    const bool is_worth_a_try =
        is_retryable(error.kind) && found->second.kept.tries < state.options.max_tries;
    is_worth_a_try ? put_off(self, ticket, error) : give_up(state, ticket, error);
  }
  go_on(self);
}

void try_again(self_pointer self, std::uint64_t ticket) {
  if (self->state.open.contains(ticket)) {  // not dropped during the pause
    self->state.ready.push_back(ticket);
    go_on(self);
  }
}

caf::result<unit_value> flush(self_pointer self) {
  self->state.flushing.push_back(make_reply_promise<unit_value>(self));
  answer_flushes(self->state);
  return caf::delegated<unit_value>{};
}

void sweep(self_pointer self) {
  const auto& options = self->state.options;
  caf::anon_send(self->state.keeper, purge_atom_v, options.clock->now() - options.retention);
  self->delayed_send(self, options.sweep_interval, purge_atom_v);
}

void look_again(self_pointer self) {
  auto& state = self->state;
  state.is_loaded = false;
  if (!state.status.outbox_error) {
    save(self);
  }
  self->delayed_send(self, state.options.claim_interval, renew_atom_v);
}

void begin(self_pointer self, notifier_options options) {
  auto& state = self->state;
  state.options = std::move(options);
  const outbox_io_options keeper{state.options.outbox};
  state.keeper = keeper.outbox->is_blocking()
                     ? self->spawn<caf::linked + caf::detached>(outbox_io, keeper)
                     : self->spawn<caf::linked>(outbox_io, keeper);
  save(self);
  sweep(self);
  if (keeper.outbox->is_shared()) {
    self->delayed_send(self, state.options.claim_interval, renew_atom_v);
  }
}

}  // namespace

notifier_inner_actor::behavior_type notifier(self_pointer self, notifier_options options) {
  install_supervision(self);
  begin(self, std::move(options));
  return {
      [self](notify_atom, const notification& event) { return notify(self, event); },
      [self](flush_atom) { return flush(self); },
      [self](status_atom) { return report_status(self->state); },
      [](settings_atom, const settings&) { /* nothing here can be changed while it runs */ },
      [self](finish_atom, std::uint64_t ticket, const failure& error) {
        conclude_try(self, ticket, error);
      },
      [self](due_atom, std::uint64_t ticket) { try_again(self, ticket); },
      [self](retry_atom) { save(self); },
      [self](renew_atom) { look_again(self); },
      [self](purge_atom) { sweep(self); },
  };
}

}  // namespace stayler::actors
