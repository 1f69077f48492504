// SPDX-License-Identifier: MIT

// How the notifier keeps the outbox up to date, and what it does while the outbox is away.

#include "actors/notifications/notifier.hpp"
#include "actors/support/tell.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

using adapters::outbox_entry;

void notifier_state::synchronize() {
  auto wanted = sync_.next(queue_);
  if (std::holds_alternative<outbox_sync::load>(wanted)) {
    load_outbox();
  } else if (auto* write = std::get_if<outbox_sync::write>(&wanted)) {
    write_outbox(std::move(*write));
  }
}

void notifier_state::load_outbox() {
  self_->request(outbox_, options_.outbox_timeout, list_atom_v)
      .then(
          [this](std::vector<outbox_entry>& left) {
            outbox_answered();
            sync_.loaded();
            sync_.leave_out_ended(left);
            for (outbox_entry& entry : left) {
              resume(entry);
            }
            proceed();
          },
          [this](const caf::error& reason) { outbox_failed(to_failure(reason)); }
      );
}

void notifier_state::write_outbox(outbox_sync::write wanted) {
  auto added = wanted.added;
  auto request = self_->request(outbox_, options_.outbox_timeout, execute_atom_v, wanted.batch);
  request.then(
      [this, added = std::move(added)](std::vector<std::string>& known) {
        outbox_written(added, known);
      },
      // The batch is to be written again, with what comes until then.
      [this, wanted = std::move(wanted)](const caf::error& reason) {
        sync_.put_back(wanted);
        outbox_failed(to_failure(reason));
      }
  );
}

/// Goes on with what an earlier notifier has left.
void notifier_state::resume(outbox_entry& left) {
  const auto known = queue_.find(left.event.event_id);
  if (known && !queue_.at(*known).is_new) {
    return;  // accepted into memory, and perhaps under way
  }
  const milliseconds pause = left.due_at - options_.clock->now();
  const ticket resumed = known ? *known : add(left);
  open_notification& open = queue_.at(resumed);
  open.entry = std::move(left);
  open.is_new = false;
  open.is_saved = true;
  answer_callers(resumed);
  if (pause <= milliseconds{0}) {
    queue_.make_ready(resumed);
  } else {
    wait(resumed, pause);
  }
}

void notifier_state::outbox_written(
    const std::vector<ticket>& added, std::vector<std::string>& known
) {
  outbox_answered();
  std::ranges::sort(known);
  for (const ticket written : added) {
    if (!queue_.contains(written)) {
      continue;
    }
    open_notification& open = queue_.at(written);
    open.is_saved = true;
    if (open.is_new) {
      const bool was_there = std::ranges::binary_search(known, open.entry.event.event_id);
      was_there ? remove(written) : accept(written);
    }
  }
  proceed();
}

void notifier_state::outbox_answered() {
  if (sync_.succeeded()) {
    write_log("the outbox is back");
  }
}

/// From here on notifications are accepted into memory, until the outbox is back.
void notifier_state::outbox_failed(const failure& error) {
  if (sync_.failed(error)) {
    write_log(
        "the outbox is away, notifications are kept in memory only: "
        + std::string{to_string(error.kind)} + ": " + error.message
    );
  }
  for (const ticket unsaved : sync_.unsaved()) {
    if (queue_.contains(unsaved) && queue_.at(unsaved).is_new) {
      accept_unsaved(unsaved);
    }
  }
  sync_.keep_newest_updates(options_.max_open);
  self_->delayed_send(self_, options_.outbox_pause, retry_outbox_atom_v);
  proceed();
}

void notifier_state::reload_outbox() {
  sync_.reload();
  if (!sync_.is_away()) {
    synchronize();
  }
  self_->delayed_send(self_, options_.claim_interval, claim_outbox_atom_v);
}

void notifier_state::purge() {
  const timestamp now = options_.clock->now();
  const adapters::outbox_retention kept{
      now - options_.delivered_retention, now - options_.limits.given_up_retention};
  tell(outbox_, purge_atom_v, kept);
  self_->delayed_send(self_, options_.purge_interval, purge_outbox_atom_v);
}

}  // namespace stayler::actors
