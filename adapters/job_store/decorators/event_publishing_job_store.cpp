// SPDX-License-Identifier: MIT
#include "adapters/job_store/decorators/event_publishing_job_store.hpp"

#include "adapters/job_store/decorators/forwarding_job_store.hpp"

#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

/// Turns changes that took effect into events. A progress report names no more than its attempt, so
/// the jobs under lease are remembered.
class change_events {
 public:
  void add(const store_op::enqueue& /*change*/, const store_reply& reply) {
    if (!reply.existing) {
      add_jobs(reply);
    }
  }
  void add(const store_op::claim& /*change*/, const store_reply& reply) {
    for (const job& leased : reply.jobs) {
      leased_[leased.id] = make_feed_event(leased);
    }
    add_jobs(reply);
  }
  void add(const store_op::update_progress& change, const store_reply& /*reply*/) {
    const auto found = leased_.find(change.attempt.job);
    if (found == leased_.end() || found->second.attempt != change.attempt.token) {
      return;
    }
    feed_event moved = found->second;
    moved.progress = change.progress;
    moved.at = now;
    // The store lets a report that comes too late pass, and does nothing.
    if (!is_behind(moved, found->second)) {
      found->second = moved;
      events.push_back(std::move(moved));
    }
  }
  void add(const store_op::cancel& change, const store_reply& reply) {
    leased_.erase(change.id);
    add_jobs(reply);
  }
  template <attempt_end Change>
  void add(const Change& change, const store_reply& reply) {
    leased_.erase(change.attempt.job);
    add_jobs(reply);
  }
  void add(const store_op::prioritize& /*change*/, const store_reply& reply) { add_jobs(reply); }
  void add(const store_op::make_available& /*change*/, const store_reply& reply) {
    add_jobs(reply);
  }
  void add(const store_op::retry& /*change*/, const store_reply& reply) { add_jobs(reply); }
  void add(const store_op::reclaim& /*change*/, const store_reply& reply) {
    for (const job& taken_back : reply.jobs) {
      leased_.erase(taken_back.id);
    }
    add_jobs(reply);
  }
  void add(const store_op::pause& /*change*/, const store_reply& reply) {
    if (reply.pause.after) {
      events.push_back(make_pause_event(feed_subject::pause, *reply.pause.after, now));
    }
  }
  void add(const store_op::resume& change, const store_reply& reply) {
    if (reply.pause.before) {
      add_resume({.type = change.type, .by = change.by}, now);
    }
  }
  void add_ended(const std::vector<type_pause>& pauses) {
    for (const type_pause& ended : pauses) {
      add_resume({.type = ended.type}, ended.until);
    }
  }
  /// What changes nothing that anybody follows.
  template <one_of<
      store_op::renew,
      store_op::open_call,
      store_op::settle_call,
      store_op::drop,
      store_op::erase,
      store_op::find_expired,
      store_op::purge,
      store_op::verify_indexes> Change>
  void add(const Change& /*change*/, const store_reply& /*reply*/) {}

  /// The lease has ended in another way than by a change of ours.
  void forget(const job_id& id) { leased_.erase(id); }

  timestamp now;
  std::vector<feed_event> events;  ///< of the batch

 private:
  void add_resume(const type_pause& about, timestamp at) {
    events.push_back(make_pause_event(feed_subject::resume, about, at));
  }

  void add_jobs(const store_reply& reply) {
    for (const job& about : reply.jobs) {
      events.push_back(make_feed_event(about));
    }
  }

  std::unordered_map<job_id, feed_event> leased_;
};

template <class Events>
concept takes_unknown_operations = requires(Events events, const store_reply& reply) {
  events.add(unknown_operation{}, reply);
};
static_assert(!takes_unknown_operations<change_events>);

/// The attempt that found its lease gone.
template <class Change>
const attempt_id* attempt_of(const Change& change) {
  if constexpr (attempt_report<Change> || attempt_end<Change>) {
    return &change.attempt;
  } else {
    return nullptr;
  }
}

/// The jobs that other processes have cancelled, since the last batch. Any thread may add to them.
class external_cancels {
 public:
  void add(const job_id& id) {
    const std::lock_guard lock{mutex_};
    ids_.push_back(id);
  }
  std::vector<job_id> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(ids_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<job_id> ids_;
};

class event_publishing_job_store final : public forwarding_job_store {
 public:
  event_publishing_job_store(std::unique_ptr<job_store> inner, std::shared_ptr<event_feed> feed)
      : forwarding_job_store(std::move(inner)), feed_(std::move(feed)) {}

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    store_outcome outcome = forwarding_job_store::execute(batch, now);
    // Their workers are stopped without another word to the store.
    for (const job_id& id : cancels_->take()) {
      changes_.forget(id);
    }
    changes_.now = now;
    changes_.add_ended(outcome.ended_pauses);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::visit([&](const auto& change) { add(change, outcome.replies[i]); }, batch[i]);
    }
    if (!changes_.events.empty()) {
      feed_->publish(std::exchange(changes_.events, {}));
    }
    return outcome;
  }

  void on_external_change(std::function<void(const external_change&)> callback) override {
    forwarding_job_store::on_external_change(
        [cancels = cancels_, callback = std::move(callback)](const external_change& change) {
          if (!change.cancelled.value.is_nil()) {
            cancels->add(change.cancelled);
          }
          callback(change);
        }
    );
  }

 private:
  template <class Change>
  void add(const Change& change, const store_reply& reply) {
    if (!reply.error) {
      changes_.add(change, reply);
    } else if (const attempt_id* attempt = attempt_of(change)) {
      if (reply.error.kind == error_class::conflict) {
        changes_.forget(attempt->job);
      }
    }
  }

  std::shared_ptr<event_feed> feed_;
  change_events changes_;
  /// Shared with the callback, which the store inside may call until it is gone.
  std::shared_ptr<external_cancels> cancels_ = std::make_shared<external_cancels>();
};

}  // namespace

std::unique_ptr<job_store> make_event_publishing_job_store(
    std::unique_ptr<job_store> inner, std::shared_ptr<event_feed> feed
) {
  return std::make_unique<event_publishing_job_store>(std::move(inner), std::move(feed));
}

}  // namespace stayler::adapters
