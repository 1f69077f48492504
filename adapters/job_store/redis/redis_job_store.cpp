// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_job_store.hpp"

#include "adapters/job_store/redis/optimistic_batch.hpp"
#include "adapters/job_store/redis/redis_maintenance.hpp"
#include "adapters/job_store/redis/redis_queue_client.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "adapters/log/log.hpp"
#include "adapters/redis/connection/redis_listener.hpp"
#include "messages/jobs/job_filter.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

using logs::queue::log;

class redis_job_store final : public job_store {
 public:
  explicit redis_job_store(const redis_job_store_options& options)
      : queue_(options), reader_(options) {
    queue_.on_doubt([](const std::string& doubt) { log.warning(doubt); });
  }

  redis_job_store(const redis_job_store&) = delete;
  redis_job_store& operator=(const redis_job_store&) = delete;

  ~redis_job_store() override {
    if (may_be_reaper_) {
      queue_.resign();
    }
  }

  void_result start() { return queue_.connect(); }

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    queue_.set_time(now);
    store_outcome outcome;
    outcome.replies.resize(batch.size());
    const std::span replies{outcome.replies};
    failure broken = prepare(queue_);
    if (!broken) {
      broken = reclaim_lost_claims();
    }
    std::size_t begin = 0;
    while (!broken && begin < batch.size()) {
      const std::size_t size = conflict_free_prefix(batch, begin) - begin;
      const auto part = batch.subspan(begin, size);
      const auto done = perform(part, replies.subspan(begin, size));
      if (!done) {
        broken = done.error();
        remember_lost_claims(part);
        break;
      }
      begin += size;
    }
    if (batch.empty()) {
      command_pipeline none = queue_.new_pipeline();
      static_cast<void>(queue_.run_script(none));
    }
    for (; begin < batch.size(); ++begin) {
      replies[begin] = {broken, {}, false};
    }
    outcome.counts = queue_.counts();
    outcome.next_due = queue_.next_due();
    outcome.ended_pauses = queue_.take_ended_pauses();
    return outcome;
  }

  result<job> find(const job_id& id) override {
    if (failure broken = prepare(queue_)) {
      return broken;
    }
    auto read = queue_.read_jobs({id});
    if (!read) {
      return std::move(read).error();
    }
    const auto found = read->find(id);
    if (found == read->end()) {
      return no_such_job(id);
    }
    redis_job& known = found->second;
    return known.problem ? result<job>{std::move(known.problem)} : std::move(known.stored.value);
  }

  result<job_page> list(const job_filter& filter) override {
    if (failure broken = prepare(reader_)) {
      return broken;
    }
    const std::size_t limit = page_limit(filter);
    const std::vector dead{job_status::failed};
    const std::string set = filter.statuses == dead ? ":failed" : ":all";
    std::string before = filter.before.value.is_nil() ? std::string{} : redis_id(filter.before);
    job_page page;
    for (std::size_t seen = 0; seen < scan_limit;) {
      auto listed = reader_.list_below(set, before);
      if (!listed) {
        return std::move(listed).error();
      }
      for (redis_job& candidate : *listed) {
        if (candidate.stored.value.id < filter.since) {
          page.next = {};
          return page;
        }
        if (page.jobs.size() == limit) {
          return page;
        }
        page.next = candidate.stored.value.id;
        if (matches(candidate.stored.value, filter)) {
          page.jobs.push_back(std::move(candidate.stored.value));
        }
      }
      if (listed->size() < jobs_per_read) {
        page.next = {};
        return page;
      }
      before = redis_id(page.next);
      seen += listed->size();
    }
    return page;
  }

  result<waiting_status> waiting() override {
    if (failure broken = prepare(queue_)) {
      return broken;
    }
    auto answered = queue_.run_script(redis_commands::waiting());
    if (!answered) {
      return std::move(answered).error();
    }
    const redis_value answer = *answered;
    if (answer.is_error()) {
      return to_failure(answer);
    }
    waiting_status status;
    status.counts = queue_.counts();
    if (!answer[1].is_nil()) {
      auto oldest =
          read_redis_job(answer[1].text(), queue_.cipher(), redis_id_of(answer[0].text()));
      if (!oldest) {
        return std::move(oldest).error();
      }
      status.oldest_pending = oldest->stored.value.created_at;
      status.oldest_due = could_run_at(oldest->stored.value);
    }
    status.is_reaper = answer[3].number() == 1;
    status.paused = read_redis_pauses(answer[2]);
    return status;
  }

  result<job_counts> counts() override {
    command_pipeline none = queue_.new_pipeline();
    auto answers = queue_.run_script(none);
    return answers ? result<job_counts>{queue_.counts()} : std::move(answers).error();
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return true; }

  void on_external_change(std::function<void(const external_change&)> callback) override {
    listener_.emplace(
        queue_.server(), queue_.wake_channel(),
        [callback = std::move(callback), name = queue_.name()](std::string_view message) {
          if (!message.starts_with(name)) {
            callback({redis_id_of(message.substr(std::min(message.size(), name.size())))});
          }
        }
    );
  }

 private:
  /// Keys that do not fit keep the store from opening; a server that was away then may still be
  /// found to have others.
  static failure prepare(redis_queue_client& client) {
    auto prepared = client.prepare();
    if (prepared) {
      return {};
    }
    failure why = std::move(prepared).error();
    why.kind = error_class::unavailable;
    return why;
  }

  /// Of one conflict_free_prefix.
  void_result perform(std::span<const store_change> changes, std::span<store_reply> replies) {
    may_be_reaper_ = may_be_reaper_ || std::ranges::any_of(changes, needs_reaper);
    return is_maintenance(changes.front()) ? maintenance_.perform(changes.front(), replies.front())
                                           : perform_optimistic_batch(queue_, changes, replies);
  }

  static bool needs_reaper(const store_change& change) {
    return std::holds_alternative<store_op::find_expired>(change) || is_maintenance(change);
  }

  // A claim whose answer got lost has leased jobs that nobody works on.

  void remember_lost_claims(std::span<const store_change> unknown) {
    for (const store_change& change : unknown) {
      if (const auto* claim = std::get_if<store_op::claim>(&change)) {
        lost_claims_of_ = claim->instance_id;
      }
    }
  }

  failure reclaim_lost_claims() {
    if (lost_claims_of_.empty()) {
      return {};
    }
    store_reply reclaimed;
    const auto done = maintenance_.reclaim_if(
        [this](const stored_job& stored) {
          const bool is_known = queue_.leases().find(current_attempt(stored.value)) != nullptr;
          return stored.instance_id == lost_claims_of_ && !is_known;
        },
        "the answer to its claim was lost", reclaimed
    );
    if (!done) {
      return done.error();
    }
    for (const job& back : reclaimed.jobs) {
      log.warning(
          "a claim whose answer was lost was handed back",
          {{"jobId", back.id}, {"attempt", back.token}, {"worker", back.worker_id}}
      );
    }
    lost_claims_of_.clear();
    return {};
  }

  redis_queue_client queue_;
  redis_queue_client reader_;  ///< of list() alone
  redis_maintenance maintenance_{queue_};
  std::optional<redis_listener> listener_;
  std::string lost_claims_of_;  ///< instance of claims whose answer did not come
  bool may_be_reaper_ = false;
};

}  // namespace

result<std::unique_ptr<job_store>> open_redis_job_store(const redis_job_store_options& options) {
  auto store = std::make_unique<redis_job_store>(options);
  if (const auto started = store->start(); !started) {
    if (started.error().kind != error_class::unavailable) {
      return started.error();
    }
    log.warning("waiting for Redis", {{"reason", started.error().message}});
  }
  return std::unique_ptr<job_store>{std::move(store)};
}

}  // namespace stayler::adapters
