// SPDX-License-Identifier: MIT
#pragma once

#include "actors/notifications/delivery_queue.hpp"
#include "actors/notifications/outbox_io.hpp"
#include "actors/notifications/outbox_sync.hpp"
#include "actors/support/reply_promise.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/notification_channel/notification_channel.hpp"
#include "adapters/outbox/outbox.hpp"
#include "messages/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::delivery_result)

namespace stayler::actors {

/// How long, how often and how many at a time: what the options say of deliveries.
struct notifier_limits {
  milliseconds max_pause{3'600'000};           ///< also bounds what the receiver asks for
  milliseconds give_up_after{72 * 3'600'000};  ///< the last try of a notification
  std::size_t max_per_receiver = 16;           ///< deliveries under way to one receiver
  milliseconds given_up_retention{7LL * 24 * 3'600'000};

  friend bool operator==(const notifier_limits&, const notifier_limits&) = default;
};

notifier_limits notifier_limits_from(const settings& config);

struct notifier_options {
  std::shared_ptr<adapters::notification_channel> channel;
  std::shared_ptr<adapters::outbox> outbox;
  std::shared_ptr<adapters::wall_clock> clock;
  metrics_actor metrics;  ///< may be empty
  notifier_limits limits;
  std::size_t max_open = 10'000;    ///< notifications accepted; beyond that the oldest is given up
  std::size_t max_in_flight = 256;  ///< deliveries under way at the same time
  std::size_t max_redelivered = 10'000;  ///< reopened by one order
  milliseconds first_pause{1'000};       ///< after the first try; doubled after each further
  milliseconds outbox_timeout{5'000};    ///< for one batch; then the outbox counts as away
  milliseconds outbox_pause{5'000};      ///< before an outbox that is away is tried again
  milliseconds claim_interval{10'000};   ///< between looks into an outbox that is shared
  milliseconds purge_interval{60'000};   ///< between removals of what ended long ago
  milliseconds delivered_retention{24 * 3'600'000};
  std::function<void(const std::string&)> log;  ///< takes a line for the operators; may be empty
};

/// What the notifier tells itself, besides its public interface. A ticket names a notification.
using notifier_impl = notifier_actor::extend<
    /// A delivery has ended.
    reacts_to<finish_atom, std::uint64_t, delivery_result>,
    /// The pause after the failure of that try is over.
    reacts_to<due_atom, std::uint64_t, std::uint32_t>,
    /// The outbox, which was away, may be back.
    reacts_to<retry_outbox_atom>,
    /// Time to keep what is ours in a shared outbox, and to take over what a dead process has left.
    reacts_to<claim_outbox_atom>,
    /// Time to forget what ended long ago.
    reacts_to<purge_outbox_atom>>;

/// Delivers notifications through the channel. What fails is tried again, after pauses that double,
/// until it is too old; only `gone` ends it at once. The event id is the same each time. A
/// notification is in the outbox before it is delivered, and an event id that has been there is not
/// accepted again; at its start the actor goes on with what is open there. The outbox is written in
/// batches: what comes while one is being written forms the next. While the outbox is away
/// notifications are accepted into memory, and into the outbox once it is back. Where other
/// processes share the outbox, what one of them has left is taken over.
class notifier_state {
 public:
  static inline const char* name = "notifier";

  using pointer = notifier_impl::stateful_pointer<notifier_state>;
  using ticket = delivery_queue::ticket;

  explicit notifier_state(pointer self) : self_(self) {}

  notifier_impl::behavior_type make_behavior(notifier_options options);

 private:
  // The public interface.
  caf::result<unit_value> notify(const notification& event);
  caf::result<unit_value> flush();
  notification_status report_status();
  caf::result<notification_page> list(const notification_filter& filter);
  caf::result<kept_notification> redeliver(const std::string& event_id);
  caf::result<redelivery_report> redeliver_all(const notification_filter& filter);
  void forget_user(const std::string& user_id);
  void change_settings(const settings& changed);

  // Deliveries.
  ticket add(adapters::outbox_entry entry);
  ticket enlist(const notification& event);
  void accept(ticket accepted);
  void accept_unsaved(ticket accepted);
  void start_deliveries();
  void delivery_ended(ticket delivered, const delivery_result& how);
  void delivery_failed(ticket failed, const delivery_result& how);
  void tell_change(ticket of, const receiver_state& before);
  void try_again(ticket due, std::uint32_t after_try);
  void delay(ticket delayed, const delivery_result& why);
  void wait(ticket waiting, milliseconds pause);
  void give_up(ticket given_up, const std::string& why);
  void end(ticket ended, adapters::outbox_update how);
  void remove(ticket removed);
  /// Answers those who wait until the notification is accepted.
  void answer_callers(ticket accepted);

  // The outbox.
  void synchronize();
  void load_outbox();
  void write_outbox(outbox_sync::write wanted);
  void resume(adapters::outbox_entry& left);
  void outbox_written(const std::vector<ticket>& added, std::vector<std::string>& known);
  void outbox_answered();
  void outbox_failed(const failure& error);
  void reload_outbox();
  void purge();

  // Redelivery by hand.
  void redelivered(
      const shared_reply_promise<kept_notification>& answer,
      const std::string& event_id,
      std::vector<adapters::outbox_entry>& reopened
  );
  void explain_absence(
      const shared_reply_promise<kept_notification>& answer, const std::string& event_id
  );

  // What follows every change.
  void proceed();
  void report_changes();
  void answer_flushes();
  void write_log(const std::string& line) const;

  pointer self_;
  notifier_options options_;
  outbox_io_actor outbox_;
  delivery_queue queue_;
  outbox_sync sync_;
  std::map<ticket, std::vector<reply_promise<unit_value>>> callers_;  ///< of new notifications
  std::vector<reply_promise<unit_value>> flushing_;
  notification_status status_;    ///< but for what report_status() asks others
  notification_status reported_;  ///< as the metrics actor knows it
  delivery_counts failed_{};      ///< since the last report
};

notifier_impl::behavior_type notifier(notifier_state::pointer self, notifier_options options);

}  // namespace stayler::actors
