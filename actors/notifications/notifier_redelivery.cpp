// SPDX-License-Identifier: MIT

// What operators are told of notifications, and how they have them delivered once more.

#include "actors/notifications/notifier.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace stayler::actors {

namespace {

kept_notification shown(const adapters::outbox_entry& entry) {
  return {entry.event, outbox_state::open, entry.created_at, entry.due_at,
          entry.tries, entry.problem,      entry.error};
}

}  // namespace

caf::result<notification_page> notifier_state::list(const notification_filter& filter) {
  auto answer = make_shared_reply_promise<notification_page>(self_);
  self_->request(outbox_, options_.outbox_timeout, list_atom_v, filter)
      .then(
          [answer](notification_page& page) { answer->deliver(std::move(page)); },
          [answer](const caf::error& reason) { answer->fail(reason); }
      );
  return caf::delegated<notification_page>{};
}

caf::result<kept_notification> notifier_state::redeliver(const std::string& event_id) {
  if (const auto known = queue_.find(event_id); known && !queue_.at(*known).is_new) {
    open_notification& open = queue_.at(*known);
    if (!open.is_in_flight) {
      open.entry.due_at = options_.clock->now();
      queue_.make_ready(*known);
    }
    kept_notification answer = shown(open.entry);
    proceed();
    return answer;
  }
  notification_filter which;
  which.event_id = event_id;
  which.limit = 1;
  auto answer = make_shared_reply_promise<kept_notification>(self_);
  self_->request(outbox_, options_.outbox_timeout, retry_atom_v, which, options_.clock->now())
      .then(
          [this, answer, event_id](std::vector<adapters::outbox_entry>& reopened) {
            redelivered(answer, event_id, reopened);
          },
          [answer](const caf::error& reason) { answer->fail(reason); }
      );
  return caf::delegated<kept_notification>{};
}

void notifier_state::redelivered(
    const shared_reply_promise<kept_notification>& answer,
    const std::string& event_id,
    std::vector<adapters::outbox_entry>& reopened
) {
  if (reopened.empty()) {
    explain_absence(answer, event_id);
    return;
  }
  answer->deliver(shown(reopened.front()));
  resume(reopened.front());
  proceed();
}

/// It is not there, or open and another process's.
void notifier_state::explain_absence(
    const shared_reply_promise<kept_notification>& answer, const std::string& event_id
) {
  notification_filter which;
  which.event_id = event_id;
  which.limit = 1;
  self_->request(outbox_, options_.outbox_timeout, list_atom_v, which)
      .then(
          [answer](const notification_page& page) {
            answer->fail(
                page.notifications.empty()
                    ? failure{error_class::not_found, "there is no such notification"}
                    : failure{
                        error_class::conflict,
                        "the notification is open, and delivered by another coordinator"}
            );
          },
          [answer](const caf::error& reason) { answer->fail(reason); }
      );
}

caf::result<redelivery_report> notifier_state::redeliver_all(const notification_filter& filter) {
  const std::size_t room = options_.max_open - std::min(options_.max_open, queue_.size());
  notification_filter which = filter;
  which.states = {outbox_state::given_up};
  which.after.reset();
  which.limit = static_cast<std::uint32_t>(std::min(room, options_.max_redelivered));
  auto answer = make_shared_reply_promise<redelivery_report>(self_);
  self_->request(outbox_, options_.outbox_timeout, retry_atom_v, which, options_.clock->now())
      .then(
          [this, answer, most = which.limit](std::vector<adapters::outbox_entry>& reopened) {
            for (adapters::outbox_entry& entry : reopened) {
              resume(entry);
            }
            const auto count = static_cast<std::uint32_t>(reopened.size());
            answer->deliver({count, count == most});
            proceed();
          },
          [answer](const caf::error& reason) { answer->fail(reason); }
      );
  return caf::delegated<redelivery_report>{};
}

}  // namespace stayler::actors
