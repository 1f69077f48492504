// SPDX-License-Identifier: MIT
#include "adapters/job_store/indexed_job_store.hpp"

#include "adapters/job_store/job_counting.hpp"
#include "adapters/job_store/pause_list.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/suspect.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

class indexed_job_store final : public job_store {
 public:
  explicit indexed_job_store(std::unique_ptr<job_table> table) : table_(std::move(table)) {}

  /// Reads what every outcome says, also that of a batch that fails.
  void_result start() {
    table_->forget_error();
    counts_ = last_counts_ = table_->read_counts();
    last_due_ = table_->next_due();
    return table_->error() ? void_result{table_->error()} : ok();
  }

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    table_->forget_error();
    store_outcome outcome;
    const failure broken = table_->transact([&] { perform_all(batch, now, outcome); });
    if (broken) {
      // What is known of the waiting jobs may be ahead of the table: it is read again.
      is_waiting_known_ = false;
      outcome.replies.assign(batch.size(), refusal(broken));
      outcome.counts = last_counts_;
      outcome.next_due = last_due_;
      outcome.ended_pauses.clear();
    }
    last_counts_ = outcome.counts;
    last_due_ = outcome.next_due;
    return outcome;
  }

  result<job> find(const job_id& id) override {
    table_->forget_error();
    auto row = table_->find(id);
    if (table_->error()) {
      return table_->error();
    }
    if (row && row->problem) {
      return std::move(row->problem);
    }
    return row ? result<job>{std::move(row->stored.value)} : no_such_job(id);
  }

  result<job_page> list(const job_filter& filter) override { return table_->list(filter); }

  result<waiting_status> waiting() override {
    table_->forget_error();
    const auto row = table_->find_oldest_pending();
    read_what_waits();
    counts_ = table_->read_counts();
    if (table_->error()) {
      return table_->error();
    }
    waiting_status status{{}, pauses_.all(), counts_};
    if (row) {
      status.oldest_pending = row->stored.value.created_at;
      status.oldest_due = could_run_at(row->stored.value);
    }
    return status;
  }

  result<job_counts> counts() override {
    table_->forget_error();
    counts_ = table_->read_counts();
    return table_->error() ? result<job_counts>{table_->error()} : counts_;
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return table_->is_blocking(); }

 private:
  void perform_all(std::span<const store_change> batch, timestamp now, store_outcome& outcome) {
    counts_ = table_->read_counts();
    read_what_waits();
    const job_counts before = counts_;
    outcome.ended_pauses = pauses_.take_ended(now);
    for (const type_pause& ended : outcome.ended_pauses) {
      give_out_again(ended.type);
    }
    outcome.replies.reserve(batch.size());
    if (is_set(last_due_) && last_due_ <= now) {
      // What has become due since the last batch is pending for all changes of this one.
      make_jobs_due(now);
    }
    for (const store_change& change : batch) {
      if (table_->error()) {
        return;
      }
      outcome.replies.push_back(
          std::visit([&](const auto& wanted) { return perform(wanted, now); }, change)
      );
    }
    make_jobs_due(now);
    count_set_aside();
    if (counts_ != before) {
      table_->write_counts(counts_);
    }
    outcome.counts = counts_;
    outcome.next_due = earlier_of(table_->next_due(), pauses_.next_end());
  }

  store_reply perform(const store_op::enqueue& change, timestamp now) {
    if (auto earlier = find_earlier(change.value)) {
      if (earlier->problem) {
        return refusal(std::move(earlier->problem));
      }
      return answer_repetition(change.value, std::move(earlier->stored.value));
    }
    if (failure full = check_room_for(change)) {
      return refusal(std::move(full));
    }
    stored_job stored = admit(change.value, now);
    table_->insert(stored);
    count(std::nullopt, stored.value);
    add_flow_of(stored);
    return with_job(std::move(stored.value));
  }

  failure check_room_for(const store_op::enqueue& change) const {
    const std::string& user = change.value.request.user_id;
    failure full = check_room_of_user(user, waiting_of(waiting_, user), change.max_waiting_of_user);
    return full ? full : check_room(counts_, change.max_waiting);
  }

  std::optional<job_row> find_earlier(const job& wanted) {
    auto earlier = table_->find(wanted.id);
    if (!earlier) {
      earlier = table_->find_by_key(wanted.request);
    }
    return earlier ? std::move(earlier) : table_->find_in_flight(wanted.request);
  }

  store_reply perform(const store_op::claim& change, timestamp now) {
    make_jobs_due(now);
    store_reply reply;
    while (reply.jobs.size() < change.workers.size() && !table_->error()) {
      const fair_queue::flow* next = flows_.next({change.except, change.suspects});
      if (next == nullptr) {
        break;
      }
      const fair_queue::flow flow = *next;
      auto row = table_->first_of(flow);
      if (!row) {
        flows_.remove_flow(flow);
        continue;
      }
      const fair_queue::flow own = flow_of(row->stored);
      const std::string& worker = change.workers[reply.jobs.size()];
      give_lease(row->stored, worker, change.instance_id, change.lease, now);
      write_back(*row, job_status::pending);
      flows_.requeue_flow(flow, now);
      remove_flow_if_empty(flow);
      if (own != flow) {
        remove_flow_if_empty(own);
      }
      reply.jobs.push_back(std::move(row->stored.value));
    }
    reply.has_more =
        change.suspects == store_op::suspect_rule::left_out && has_suspects(change.except);
    return reply;
  }

  /// Whether suspects wait that might be given out now.
  [[nodiscard]] bool has_suspects(const std::vector<job_type>& except) const {
    return flows_.next({except, store_op::suspect_rule::only}) != nullptr;
  }

  template <attempt_report Change>
  store_reply perform(const Change& change, timestamp now) {
    const auto effect = table_->update_in_place(change.attempt.job, [&](stored_job& stored) {
      return apply(stored, change, now);
    });
    if (effect && *effect) {
      return {};
    }
    ++counts_.stale_reports;
    return refusal(effect ? effect->error() : no_such_lease(change.attempt));
  }

  template <attempt_end Change>
  store_reply perform(const Change& change, timestamp now) {
    store_reply reply = change_job(change.attempt.job, change, now);
    if (reply.error) {
      ++counts_.stale_reports;
    }
    if (reply.error.kind == error_class::not_found) {
      reply.error = no_such_lease(change.attempt);
    }
    return reply;
  }

  template <job_change Change>
  store_reply perform(const Change& change, timestamp now) {
    return change_job(change.id, change, now);
  }

  store_reply perform(const store_op::retry& change, timestamp now) {
    const auto dead = table_->find(change.id);
    if (dead && table_->find_in_flight(dead->stored.value.request)) {
      return refusal(conversion_in_flight(dead->stored.value));
    }
    return change_job(change.id, change, now);
  }

  template <removal Change>
  store_reply perform(const Change& change, timestamp /*now*/) {
    auto ended = table_->find(change.id);
    if (!ended) {
      return refusal(no_such_job(change.id));
    }
    if (failure why = check_removal(ended->stored.value, change)) {
      return refusal(std::move(why));
    }
    table_->remove(*ended);
    count_removal(counts_, ended->stored.value.status);
    return with_job(std::move(ended->stored.value));
  }

  store_reply perform(const store_op::pause& change, timestamp now) {
    store_reply reply;
    reply.pause = pauses_.add(change.value, now);
    table_->write_pause(*reply.pause.after);
    flows_.set_paused(change.value.type, true);
    return reply;
  }

  store_reply perform(const store_op::resume& change, timestamp /*now*/) {
    store_reply reply;
    reply.pause = pauses_.remove(change.type);
    give_out_again(change.type);
    return reply;
  }

  void give_out_again(job_type type) {
    table_->remove_pause(type);
    flows_.set_paused(type, false);
  }

  /// A table's indexes are sound by themselves; the counts are kept here.
  store_reply perform(const store_op::verify_indexes& /*change*/, timestamp /*now*/) {
    job_counts counted = table_->count_states();
    if (table_->error()) {
      return {};
    }
    for (const job_status status : all_statuses) {
      if (count_of(counts_, status) != count_of(counted, status)) {
        count_of(counts_, status) = count_of(counted, status);
        ++counts_.repaired;
      }
    }
    if (waiting_by_user waiting = table_->count_waiting_jobs(); waiting != waiting_) {
      waiting_ = std::move(waiting);
      ++counts_.repaired;
    }
    return {};
  }

  store_reply perform(const store_op::reclaim& change, timestamp now) {
    store_reply reply;
    for (job_row& row : table_->find_owned(change.instance_id)) {
      take_lease_back(row.stored, queue_started_anew, now);
      write_back(row, job_status::processing);
      reply.jobs.push_back(std::move(row.stored.value));
    }
    return reply;
  }

  store_reply perform(const store_op::find_expired& /*change*/, timestamp now) {
    store_reply reply;
    for (job_row& row : table_->find_expired(now, jobs_per_pass)) {
      reply.jobs.push_back(std::move(row.stored.value));
    }
    return reply;
  }

  store_reply perform(const store_op::purge& change, timestamp now) {
    std::size_t left = jobs_per_pass;
    const auto removed = [&](const std::vector<job_status>& statuses) {
      for (const job_status status : statuses) {
        count_removal(counts_, status);
      }
      left -= statuses.size();
    };
    removed(table_->remove_finished(now - change.retention, left));
    removed(table_->remove_dead_letters(now - change.dead_letter_retention, left));
    removed(table_->remove_finished(now, std::min(left, surplus_finished(counts_, change))));
    removed(table_->remove_dead_letters(now, std::min(left, surplus_dead(counts_, change))));
    store_reply reply;
    reply.has_more = left == 0;
    return reply;
  }

  template <class Change>
  store_reply change_job(const job_id& id, const Change& change, timestamp now) {
    auto row = table_->find(id);
    if (!row) {
      return refusal(no_such_job(id));
    }
    if (row->problem) {
      return refusal(std::move(row->problem));
    }
    const job_status before = row->stored.value.status;
    const fair_queue::flow flow_before = flow_of(row->stored);
    const auto effect = apply(row->stored, change, now);
    if (!effect) {
      return refusal(effect.error());
    }
    if (*effect == change_effect::applied) {
      write_back(*row, before);
      if (before == job_status::pending) {
        remove_flow_if_empty(flow_before);
      }
    }
    return with_job(std::move(row->stored.value));
  }

  void make_jobs_due(timestamp now) {
    for (job_row& row : table_->find_due(now, jobs_per_pass)) {
      make_due(row.stored, now);
      write_back(row, job_status::scheduled);
    }
  }

  void write_back(const job_row& row, job_status before) {
    table_->update(row);
    count(before, row.stored.value);
    add_flow_of(row.stored);
  }

  void count(std::optional<job_status> before, const job& after) {
    count_transition(counts_, before, after);
    count_waiting(waiting_, before, after);
  }

  /// Whose they are is not known any more: how many wait of each user is counted anew.
  void count_set_aside() {
    for (const job_status before : table_->take_set_aside()) {
      --count_of(counts_, before);
      ++counts_.failed;
      is_waiting_known_ = false;
    }
  }

  static fair_queue::flow flow_of(const stored_job& stored) {
    const job_request& request = stored.value.request;
    return {priority_band_of(stored), request.type, request.user_id, is_suspect(stored.value)};
  }

  void add_flow_of(const stored_job& stored) {
    if (stored.value.status == job_status::pending) {
      flows_.add_flow(flow_of(stored), waits_since(stored.value));
    }
  }

  void remove_flow_if_empty(const fair_queue::flow& flow) {
    if (!table_->has_any_of(flow)) {
      flows_.remove_flow(flow);
    }
  }

  /// Whose turn it is, and how many jobs of each user wait, lives in memory, as it may be made
  /// again from the jobs at any time.
  void read_what_waits() {
    if (is_waiting_known_) {
      return;
    }
    flows_.clear();
    table_->each_flow([this](const fair_queue::flow& flow, timestamp since) {
      flows_.add_flow(flow, since);
    });
    pauses_ = pause_list{table_->read_pauses()};
    for (const job_type type : all_types) {
      flows_.set_paused(type, pauses_.has(type));
    }
    waiting_ = table_->count_waiting_jobs();
    is_waiting_known_ = !table_->error();
  }

  std::unique_ptr<job_table> table_;
  fair_queue flows_;
  pause_list pauses_;
  waiting_by_user waiting_;
  bool is_waiting_known_ = false;
  job_counts counts_;  ///< as the batch under way has left them
  job_counts last_counts_;
  timestamp last_due_;
};

}  // namespace

result<std::unique_ptr<job_store>> open_indexed_job_store(std::unique_ptr<job_table> table) {
  auto store = std::make_unique<indexed_job_store>(std::move(table));
  if (auto started = store->start(); !started) {
    return std::move(started).error();
  }
  return std::unique_ptr<job_store>{std::move(store)};
}

}  // namespace stayler::adapters
