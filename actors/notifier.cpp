// SPDX-License-Identifier: MIT
#include "actors/notifier.hpp"

#include "actors/supervised.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

using self_pointer = notifier_inner_actor::stateful_pointer<notifier_state>;

void log(const notifier_state& state, const std::string& line) {
  if (state.options.log) {
    state.options.log(line);
  }
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
    ++entry.tries;
    entry.is_in_flight = true;
    state.options.channel->deliver(entry.event, completion_for(self, ticket));
  }
}

void drop_oldest(notifier_state& state) {
  const auto oldest = std::find_if(state.open.begin(), state.open.end(), [](const auto& entry) {
    return !entry.second.is_in_flight;
  });
  if (oldest != state.open.end()) {
    ++state.dropped;
    log(state, "too many notifications are open: dropped the oldest, "
                   + oldest->second.event.event_id + " (" + std::to_string(state.dropped)
                   + " dropped so far)");
    std::erase(state.ready, oldest->first);
    state.open.erase(oldest);
  }
}

void take_over(self_pointer self, const notification& event) {
  auto& state = self->state;
  if (state.open.size() >= state.options.max_open) {
    drop_oldest(state);
  }
  const auto ticket = ++state.last_ticket;
  state.open.emplace(ticket, open_notification{event});
  state.ready.push_back(ticket);
  deliver_ready(self);
}

void answer_flushes(notifier_state& state) {
  if (state.open.empty()) {
    for (auto& answer : state.flushing) {
      answer.give({});
    }
    state.flushing.clear();
  }
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

void give_up(notifier_state& state, const notification& event, const failure& error) {
  ++state.given_up;
  log(state, "gave up notification " + event.event_id + " (" + event.event
                 + "): " + std::string{to_string(error.kind)} + ": " + error.message);
}

void conclude_try(self_pointer self, std::uint64_t ticket, const failure& error) {
  auto& state = self->state;
  const auto found = state.open.find(ticket);
  if (found == state.open.end() || !found->second.is_in_flight) {
    return;
  }
  auto& entry = found->second;
  --state.in_flight;
  entry.is_in_flight = false;
  if (error && is_retryable(error.kind) && entry.tries < state.options.max_tries) {
    self->delayed_send(self, pause_after(state.options, entry.tries, error), due_atom_v, ticket);
  } else {
    if (error) {
      give_up(state, entry.event, error);
    } else {
      ++state.delivered;
    }
    state.open.erase(found);
  }
  deliver_ready(self);
  answer_flushes(state);
}

void try_again(self_pointer self, std::uint64_t ticket) {
  if (self->state.open.contains(ticket)) {  // not dropped during the pause
    self->state.ready.push_back(ticket);
    deliver_ready(self);
  }
}

caf::result<unit_value> flush(self_pointer self) {
  if (self->state.open.empty()) {
    return unit_value{};
  }
  self->state.flushing.push_back(owe_answer<unit_value>(self));
  return caf::delegated<unit_value>{};
}

}  // namespace

notifier_inner_actor::behavior_type notifier(self_pointer self, notifier_options options) {
  be_supervised(self);
  self->state.options = std::move(options);
  return {
      [self](notify_atom, const notification& event) {
        take_over(self, event);
        return unit_value{};
      },
      [self](flush_atom) { return flush(self); },
      [](settings_atom, const settings&) { /* nothing here can be changed while it runs */ },
      [self](finish_atom, std::uint64_t ticket, const failure& error) {
        conclude_try(self, ticket, error);
      },
      [self](due_atom, std::uint64_t ticket) { try_again(self, ticket); },
  };
}

}  // namespace stayler::actors
