// SPDX-License-Identifier: MIT
#include "adapters/job_store/decorators/event_publishing_job_store.hpp"

#include "adapters/job_store/job_transitions.hpp"

#include <mutex>
#include <unordered_map>
#include <utility>

namespace stayler::adapters {

namespace {

/// Turns changes that took effect into events. A progress report names no more than its attempt, so
/// the jobs under lease are remembered.
class told_changes {
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
  void add(const store_op::make_available& /*change*/, const store_reply& reply) { add_jobs(reply); }
  void add(const store_op::retry& /*change*/, const store_reply& reply) { add_jobs(reply); }
  void add(const store_op::reclaim& /*change*/, const store_reply& reply) {
    for (const job& taken_back : reply.jobs) {
      leased_.erase(taken_back.id);
    }
    add_jobs(reply);
  }
  /// What changes nothing that anybody follows.
  template <class Change>
  void add(const Change& /*change*/, const store_reply& /*reply*/) {}

  /// The lease has ended in another way than by a change of ours.
  void forget(const job_id& id) { leased_.erase(id); }

  timestamp now;
  std::vector<feed_event> events;  ///< of the batch

 private:
  void add_jobs(const store_reply& reply) {
    for (const job& about : reply.jobs) {
      events.push_back(make_feed_event(about));
    }
  }

  std::unordered_map<job_id, feed_event> leased_;
};

/// The attempt that found its lease gone.
template <class Change>
const attempt_id* attempt_of(const Change& change) {
  if constexpr (attempt_report<Change> || attempt_end<Change>) {
    return &change.attempt;
  } else {
    return nullptr;
  }
}

class event_publishing_job_store final : public job_store {
 public:
  event_publishing_job_store(std::unique_ptr<job_store> kept, std::shared_ptr<event_feed> feed)
      : feed_(std::move(feed)), kept_(std::move(kept)) {}

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    store_outcome outcome = kept_->execute(batch, now);
    forget_cancelled();
    told_.now = now;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::visit([&](const auto& change) { note(change, outcome.replies[i]); }, batch[i]);
    }
    if (!told_.events.empty()) {
      feed_->publish(std::exchange(told_.events, {}));
    }
    return outcome;
  }

  result<job> find(const job_id& id) override { return kept_->find(id); }
  result<job_page> list(const job_filter& filter) override { return kept_->list(filter); }
  result<waiting_status> waiting() override { return kept_->waiting(); }
  result<job_counts> counts() override { return kept_->counts(); }
  [[nodiscard]] bool is_blocking() const noexcept override { return kept_->is_blocking(); }

  void on_external_change(std::function<void(const external_change&)> told) override {
    kept_->on_external_change([this, told = std::move(told)](const external_change& news) {
      if (!news.cancelled.value.is_nil()) {
        const std::lock_guard lock{mutex_};
        cancelled_.push_back(news.cancelled);
      }
      told(news);
    });
  }

 private:
  template <class Change>
  void note(const Change& change, const store_reply& reply) {
    if (!reply.error) {
      told_.add(change, reply);
    } else if (const attempt_id* attempt = attempt_of(change)) {
      if (reply.error.kind == error_class::conflict) {
        told_.forget(attempt->job);
      }
    }
  }

  /// Whose worker is stopped without another word to the store.
  void forget_cancelled() {
    const std::lock_guard lock{mutex_};
    for (const job_id& id : std::exchange(cancelled_, {})) {
      told_.forget(id);
    }
  }

  std::shared_ptr<event_feed> feed_;
  told_changes told_;
  std::mutex mutex_;
  std::vector<job_id> cancelled_;    ///< by other processes, since the last batch
  std::unique_ptr<job_store> kept_;  ///< last: its news end before the rest
};

}  // namespace

std::unique_ptr<job_store> make_event_publishing_job_store(
    std::unique_ptr<job_store> kept, std::shared_ptr<event_feed> feed
) {
  return std::make_unique<event_publishing_job_store>(std::move(kept), std::move(feed));
}

}  // namespace stayler::adapters
