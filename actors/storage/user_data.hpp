// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/audit_trail.hpp"
#include "adapters/blob_store/blob_store.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/event_feed/event_feed.hpp"
#include "adapters/outbox/outbox.hpp"
#include "adapters/record_store/record_store.hpp"
#include "adapters/result_cache/result_cache.hpp"
#include "adapters/user_tags/user_tags.hpp"
#include "messages/protocol.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::void_result)

namespace stayler::actors {

struct user_data_options {
  queue_actor queue;
  notifier_actor notifier;
  std::shared_ptr<adapters::record_store> records;
  std::shared_ptr<adapters::blob_store> blobs;
  std::shared_ptr<adapters::outbox> outbox;
  std::shared_ptr<adapters::result_cache> cache;
  std::shared_ptr<adapters::event_feed> events;
  std::shared_ptr<adapters::audit_trail> audit;  ///< null: none
  std::shared_ptr<adapters::wall_clock> clock;
  std::shared_ptr<const adapters::user_tags> tags;
  /// Leaves nothing of what was removed in the stores' own files. May be empty.
  std::function<void_result()> scrub;
  settings config;
  milliseconds sweep_pause{2'000};       ///< between two looks for what came late
  milliseconds retry_pause{10'000};      ///< where a store is away
  milliseconds take_over_pause{60'000};  ///< of another process's erasure: since it last went on
};

/// What it tells itself, beside its public interface.
using user_data_impl = user_data_actor::extend<
    /// Time for the next look at the erasure under way.
    caf::reacts_to<sweep_atom>,
    /// The same of what is not jobs, some at a time.
    caf::reacts_to<sweep_records_atom>,
    /// The events were forgotten, or not.
    caf::reacts_to<finish_atom, void_result>,
    /// Time to look for erasures that a process has left behind.
    caf::reacts_to<take_over_atom>,
    /// Time to remove what is past its retention.
    caf::reacts_to<expire_atom, std::uint64_t>>;

/// Erases what is kept of a user, one user at a time: jobs, records, pictures, notifications,
/// cached pictures; then it looks again after a pause, for what an attempt that was just cancelled
/// may have stored since, until a look has found nothing; then events, and what is left in free
/// pages. Each step can be done again, and the order is in the records, so that it goes on after
/// kill -9, also in another process. It blocks: it works on the stores themselves, some rows at a
/// time.
class user_data_state {
 public:
  static inline const char* name = "user_data";

  using pointer = user_data_impl::stateful_pointer<user_data_state>;

  explicit user_data_state(pointer self) : self_(self) {}

  user_data_impl::behavior_type make_behavior(user_data_options options);

 private:
  // The public interface.
  caf::result<erasure> erase(const std::string& user_id);
  caf::result<erasure> find(const uuid& id);
  caf::result<user_records> list(const user_records_query& query);
  void change_settings(const settings& changed);

  // The erasure under way, the first of the open ones.
  void proceed();
  void sweep();
  void sweep_records();
  result<bool> erase_some_records();
  result<bool> erase_some_images();
  void_result erase_rest();
  void end_sweep();
  void forget_events();
  void finish(const void_result& forgotten);
  void complete();
  void put_off(const failure& why);
  void take_over();

  // Retention.
  void expire_in(milliseconds pause);
  void expire(std::uint64_t expiry);
  result<bool> expire_some(const std::string& type, milliseconds kept);

  void_result remove_image(const image_record& image);
  void_result save(erasure& changed);
  void record(std::string action, const std::string& target, std::string details) const;

  pointer self_;
  user_data_options options_;
  std::deque<erasure> open_;
  std::uint64_t expiry_ = 0;   ///< the one that is awaited; those before it are void
  bool is_busy_ = false;       ///< the first of them is being worked on, or waits for its next look
  std::uint64_t found_ = 0;    ///< by this look
  std::uint32_t looks_ = 0;    ///< at the first of them
  bool is_first_look_ = true;  ///< for erasures that were left behind: this process's own, mostly
};

/// Spawn it detached.
user_data_impl::behavior_type user_data(user_data_state::pointer self, user_data_options options);

}  // namespace stayler::actors
