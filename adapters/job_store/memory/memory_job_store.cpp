// SPDX-License-Identifier: MIT
#include "adapters/job_store/memory/memory_job_store.hpp"

#include "adapters/job_store/fair_queue.hpp"
#include "adapters/job_store/job_codec.hpp"
#include "adapters/job_store/job_transitions.hpp"
#include "adapters/job_store/store_limits.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <iterator>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace stayler::adapters {

namespace {

/// A job and where it stands in the indexes. Jobs that nobody works on are kept as bytes: a million
/// of them wait or are kept for their result, and a job object takes a kilobyte.
struct record {
  job_id id;
  const std::string* user = nullptr;  ///< points to the one copy in `users_`
  std::size_t conversion = 0;         ///< hash of its conversion id
  job_status status = job_status::pending;
  job_type type = job_type::image_conversion;
  std::uint32_t band = 0;            ///< while pending
  timestamp at;                      ///< due time, end of lease, or when it became final
  std::string packed;                ///< empty while processing
  std::unique_ptr<stored_job> live;  ///< null unless processing
};

struct by_status {
  bool operator()(const record* a, const record* b) const noexcept {
    return std::tie(a->status, a->id) < std::tie(b->status, b->id);
  }
};

struct by_user {
  bool operator()(const record* a, const record* b) const noexcept {
    return a->user != b->user ? std::less<>{}(a->user, b->user) : a->id < b->id;
  }
};

struct by_conversion {
  bool operator()(const record* a, const record* b) const noexcept {
    return std::tie(a->conversion, a->id) < std::tie(b->conversion, b->id);
  }
};

struct by_flow {
  bool operator()(const record* a, const record* b) const noexcept {
    const auto of = [](const record* r) { return std::tie(r->band, r->type); };
    return of(a) != of(b) ? of(a) < of(b) : by_user{}(a, b);
  }
};

struct by_time {
  bool operator()(const record* a, const record* b) const noexcept {
    return std::tie(a->at, a->id) < std::tie(b->at, b->id);
  }
};

constexpr job_id last_id{[] {
  uuid id;
  id.bytes.fill(0xFF);
  return id;
}()};

std::size_t hash_of(const std::string& text) noexcept {
  return std::hash<std::string>{}(text);
}

std::size_t hash_of(const std::string& first, const std::string& second) noexcept {
  return hash_of(first) * 31 + hash_of(second);
}

/// Finds a job by the hash of something it says: a third of an index by the texts themselves. What
/// is found may be another job of the same hash.
using hash_index = std::unordered_multimap<std::size_t, record*>;

void erase_from(hash_index& index, std::size_t hash, const record* value) {
  const auto [first, last] = index.equal_range(hash);
  const auto found = std::find_if(first, last, [&](const auto& e) { return e.second == value; });
  if (found != last) {
    index.erase(found);
  }
}

class memory_job_store final : public job_store {
 public:
  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    store_outcome outcome;
    outcome.replies.reserve(batch.size());
    // What has become due since the last batch is pending for all changes of this one.
    make_jobs_due(now);
    for (const store_change& change : batch) {
      outcome.replies.push_back(
          std::visit([&](const auto& wanted) { return perform(wanted, now); }, change)
      );
    }
    make_jobs_due(now);
    outcome.counts = counts_;
    outcome.next_due = due_.empty() ? timestamp{} : (*due_.begin())->at;
    return outcome;
  }

  result<job> find(const job_id& id) override {
    const auto found = records_.find(id);
    if (found == records_.end()) {
      return no_such_job(id);
    }
    return read(found->second).value;
  }

  result<job_page> list(const job_filter& filter) override {
    record first;
    record last;
    last.id = filter.before.value.is_nil() ? last_id : filter.before;
    if (!filter.conversion_id.empty()) {
      first.conversion = last.conversion = hash_of(filter.conversion_id);
      return page_of(std::vector{range_of(by_conversion_, first, last)}, filter);
    }
    if (!filter.user_id.empty()) {
      const auto user = users_.find(filter.user_id);
      if (user == users_.end()) {
        return job_page{};
      }
      first.user = last.user = &user->first;
      return page_of(std::vector{range_of(by_user_, first, last)}, filter);
    }
    std::vector<range<std::set<record*, by_status>>> ranges;
    for (const job_status status : all_statuses) {
      if (is_wanted(filter.statuses, status)) {
        first.status = last.status = status;
        ranges.push_back(range_of(by_status_, first, last));
      }
    }
    return page_of(std::move(ranges), filter);
  }

  result<waiting_status> waiting() override {
    waiting_status waiting{{}, {waiting_.paused().begin(), waiting_.paused().end()}, counts_};
    const auto oldest = by_status_.begin();
    if (oldest != by_status_.end() && (*oldest)->status == job_status::pending) {
      waiting.oldest_pending = read(**oldest).value.created_at;
    }
    return waiting;
  }

  result<job_counts> counts() override { return counts_; }

  [[nodiscard]] bool is_blocking() const noexcept override { return false; }

 private:
  /// Newest first.
  template <class Set>
  using range = std::pair<
      std::reverse_iterator<typename Set::const_iterator>,
      std::reverse_iterator<typename Set::const_iterator>>;

  template <class Set>
  static range<Set> range_of(const Set& index, record& first, record& last) {
    return {
        std::make_reverse_iterator(index.lower_bound(&last)),
        std::make_reverse_iterator(index.lower_bound(&first))};
  }

  template <class Range>
  static job_page page_of(std::vector<Range> ranges, const job_filter& filter) {
    const std::size_t limit = page_limit(filter);
    job_page page;
    job_id visited_last;
    for (std::size_t visited = 0;; ++visited) {
      Range* newest = nullptr;
      for (Range& r : ranges) {
        if (r.first != r.second && (newest == nullptr || (*newest->first)->id < (*r.first)->id)) {
          newest = &r;
        }
      }
      if (newest == nullptr) {
        return page;
      }
      if (page.jobs.size() == limit || visited == scan_limit) {
        page.next = visited_last;
        return page;
      }
      const record& candidate = **newest->first++;
      visited_last = candidate.id;
      if (is_wanted(filter.statuses, candidate.status)) {
        stored_job stored = read(candidate);
        if (matches(stored.value, filter)) {
          page.jobs.push_back(std::move(stored.value));
        }
      }
    }
  }

  static stored_job read(const record& r) {
    if (r.live) {
      return *r.live;
    }
    return {decode_job(r.packed).value(), {}, r.band == prioritized_band};
  }

  store_reply perform(const store_op::enqueue& change, timestamp now) {
    if (const record* earlier = find_earlier(change.value)) {
      return {{}, {read(*earlier).value}, true};
    }
    if (failure full = check_room(counts_, change.max_waiting)) {
      return {std::move(full), {}, false};
    }
    stored_job stored = admit(change.value, now);
    const job_request& request = stored.value.request;
    record& r = records_[stored.value.id];
    r.id = stored.value.id;
    r.type = request.type;
    const auto user = users_.try_emplace(request.user_id, 0).first;
    ++user->second;
    r.user = &user->first;
    by_user_.insert(&r);
    if (!request.conversion_id.empty()) {
      r.conversion = hash_of(request.conversion_id);
      by_conversion_.insert(&r);
      in_flight_.emplace(hash_of(request.user_id, request.conversion_id), &r);
    }
    if (!request.idempotency_key.empty()) {
      by_key_.emplace(hash_of(request.user_id, request.idempotency_key), &r);
    }
    count_transition(counts_, std::nullopt, stored.value);
    link(r, stored);
    r.packed = pack(stored.value);
    return {{}, {std::move(stored.value)}, false};
  }

  store_reply perform(const store_op::claim& change, timestamp now) {
    make_jobs_due(now);
    store_reply reply;
    for (const std::string& worker : change.workers) {
      const fair_queue::flow* next = waiting_.next(change.except);
      if (next == nullptr) {
        break;
      }
      const fair_queue::flow flow = *next;
      record& r = *first_of(flow);
      stored_job stored = read(r);
      give_lease(stored, worker, change.instance_id, change.lease, now);
      reply.jobs.push_back(stored.value);
      settle(r, std::move(stored));
      waiting_.requeue_flow(flow, now);
    }
    return reply;
  }

  template <attempt_report Change>
  store_reply perform(const Change& change, timestamp now) {
    return report_on(change, now);
  }

  template <attempt_end Change>
  store_reply perform(const Change& change, timestamp now) {
    return end_attempt(change, now);
  }

  template <job_change Change>
  store_reply perform(const Change& change, timestamp now) {
    return change_job(change.id, change, now);
  }

  store_reply perform(const store_op::retry& change, timestamp now) {
    const auto found = records_.find(change.id);
    if (found != records_.end()) {
      const job dead = read(found->second).value;
      if (find_in_flight(dead.request) != nullptr) {
        return {conversion_in_flight(dead), {}, false};
      }
    }
    return change_job(change.id, change, now);
  }

  store_reply perform(const store_op::drop& change, timestamp /*now*/) {
    const auto found = records_.find(change.id);
    if (found == records_.end()) {
      return {no_such_job(change.id), {}, false};
    }
    job dropped = read(found->second).value;
    if (failure refused = check_drop(dropped)) {
      return {std::move(refused), {}, false};
    }
    remove(found->second);
    return {{}, {std::move(dropped)}, false};
  }

  store_reply perform(const store_op::pause& change, timestamp /*now*/) {
    waiting_.set_paused(change.type, change.is_paused);
    return {};
  }

  /// Jobs and indexes change together or not at all: there is nothing to repair.
  static store_reply perform(const store_op::verify_indexes& /*change*/, timestamp /*now*/) {
    return {};
  }

  store_reply perform(const store_op::reclaim& change, timestamp now) {
    std::vector<record*> orphans;
    std::copy_if(leases_.begin(), leases_.end(), std::back_inserter(orphans), [&](const record* r) {
      return r->live->instance_id == change.instance_id;
    });
    store_reply reply;
    for (record* r : orphans) {
      stored_job stored = *r->live;
      take_lease_back(stored, now);
      reply.jobs.push_back(stored.value);
      settle(*r, std::move(stored));
    }
    return reply;
  }

  store_reply perform(const store_op::find_expired& /*change*/, timestamp now) {
    store_reply reply;
    for (const record* r : leases_) {
      if (r->at > now || reply.jobs.size() == jobs_per_pass) {
        break;
      }
      reply.jobs.push_back(r->live->value);
    }
    return reply;
  }

  store_reply perform(const store_op::purge& change, timestamp now) {
    std::size_t left = jobs_per_pass;
    for (auto* finished : {&done_, &dead_}) {
      std::uint64_t surplus =
          finished == &dead_ ? surplus_dead(counts_, change) : surplus_finished(counts_, change);
      for (; left > 0 && !finished->empty(); --left) {
        record& oldest = **finished->begin();
        if (surplus == 0 && !is_outdated(read(oldest).value, change, now)) {
          break;
        }
        surplus -= surplus > 0 ? 1U : 0U;
        remove(oldest);
      }
    }
    return {{}, {}, false, left == 0};
  }

  template <class Change>
  store_reply report_on(const Change& change, timestamp now) {
    const auto found = records_.find(change.attempt.job);
    if (found == records_.end()) {
      ++counts_.stale_reports;
      return {no_such_lease(change.attempt), {}, false};
    }
    record& r = found->second;
    if (!r.live) {
      ++counts_.stale_reports;
      stored_job stored = read(r);
      return {apply(stored, change, now).error(), {}, false};
    }
    const auto effect = apply(*r.live, change, now);
    if (!effect) {
      ++counts_.stale_reports;
      return {effect.error(), {}, false};
    }
    if (r.at != r.live->value.lease_expires_at) {
      leases_.erase(&r);
      r.at = r.live->value.lease_expires_at;
      leases_.insert(&r);
    }
    return {};
  }

  template <class Change>
  store_reply end_attempt(const Change& change, timestamp now) {
    store_reply reply = change_job(change.attempt.job, change, now);
    if (reply.error) {
      ++counts_.stale_reports;
    }
    if (reply.error.kind == error_class::not_found) {
      reply.error = no_such_lease(change.attempt);
    }
    return reply;
  }

  template <class Change>
  store_reply change_job(const job_id& id, const Change& change, timestamp now) {
    const auto found = records_.find(id);
    if (found == records_.end()) {
      return {no_such_job(id), {}, false};
    }
    stored_job stored = read(found->second);
    const auto effect = apply(stored, change, now);
    if (!effect) {
      return {effect.error(), {}, false};
    }
    store_reply reply{{}, {stored.value}, false};
    if (*effect == change_effect::applied) {
      settle(found->second, std::move(stored));
    }
    return reply;
  }

  const record* find_earlier(const job& wanted) const {
    const auto same_id = records_.find(wanted.id);
    if (same_id != records_.end()) {
      return &same_id->second;
    }
    const record* by_key = find_by(by_key_, wanted.request, &job_request::idempotency_key);
    return by_key != nullptr ? by_key : find_in_flight(wanted.request);
  }

  const record* find_in_flight(const job_request& request) const {
    return find_by(in_flight_, request, &job_request::conversion_id);
  }

  /// The job of the same user that says the same in that field, unless it is empty.
  const record* find_by(
      const hash_index& index, const job_request& request, const std::string job_request::*field
  ) const {
    if ((request.*field).empty()) {
      return nullptr;
    }
    const auto [first, last] = index.equal_range(hash_of(request.user_id, request.*field));
    const auto found = std::find_if(first, last, [&](const auto& entry) {
      return *entry.second->user == request.user_id
             && read(*entry.second).value.request.*field == request.*field;
    });
    return found != last ? found->second : nullptr;
  }

  /// The oldest job of a flow that has one.
  record* first_of(const fair_queue::flow& flow) const {
    record first;
    first.band = flow.band;
    first.type = flow.type;
    first.user = &users_.find(flow.user)->first;
    return *pending_.lower_bound(&first);
  }

  void make_jobs_due(timestamp now) {
    for (std::size_t n = 0; n < jobs_per_pass && !due_.empty() && (*due_.begin())->at <= now; ++n) {
      record& r = **due_.begin();
      stored_job stored = read(r);
      make_due(stored, now);
      settle(r, std::move(stored));
    }
  }

  /// Takes a changed job back in, wherever it now belongs.
  void settle(record& r, stored_job stored) {
    count_transition(counts_, r.status, stored.value);
    link_in_flight(r, stored, r.status);
    unlink(r);
    link(r, stored);
    if (r.status == job_status::processing) {
      r.packed = {};
      r.live = std::make_unique<stored_job>(std::move(stored));
    } else {
      r.packed = pack(stored.value);
      r.live = nullptr;
    }
  }

  static std::string pack(const job& value) {
    std::string bytes = encode_job(value);
    bytes.shrink_to_fit();
    return bytes;
  }

  static fair_queue::flow flow_of(const record& r) { return {r.band, r.type, *r.user}; }

  void link(record& r, const stored_job& stored) {
    const job& j = stored.value;
    r.status = j.status;
    r.band = 0;
    by_status_.insert(&r);
    switch (j.status) {
      case job_status::pending:
        r.band = priority_band_of(stored);
        pending_.insert(&r);
        waiting_.add_flow(flow_of(r), waits_since(j));
        break;
      case job_status::scheduled:
        r.at = j.due_at;
        due_.insert(&r);
        break;
      case job_status::processing:
        r.at = j.lease_expires_at;
        leases_.insert(&r);
        break;
      case job_status::failed:
        r.at = j.completed_at;
        dead_.insert(&r);
        break;
      case job_status::completed:
      case job_status::cancelled:
        r.at = j.completed_at;
        done_.insert(&r);
        break;
    }
  }

  /// A conversion is in flight until its job is final.
  void link_in_flight(record& r, const stored_job& stored, job_status before) {
    const job_request& request = stored.value.request;
    if (request.conversion_id.empty() || is_final(before) == is_final(stored.value.status)) {
      return;
    }
    const std::size_t hash = hash_of(request.user_id, request.conversion_id);
    if (is_final(before)) {
      in_flight_.emplace(hash, &r);
    } else {
      erase_from(in_flight_, hash, &r);
    }
  }

  void unlink(record& r) {
    by_status_.erase(&r);
    if (r.status == job_status::pending) {
      const auto after = pending_.erase(pending_.find(&r));
      const auto is_of_flow = [&](auto at) {
        return (*at)->band == r.band && (*at)->type == r.type && (*at)->user == r.user;
      };
      const bool is_flow_empty = (after == pending_.end() || !is_of_flow(after))
                                 && (after == pending_.begin() || !is_of_flow(std::prev(after)));
      if (is_flow_empty) {
        waiting_.remove_flow(flow_of(r));
      }
    } else if (r.status == job_status::scheduled) {
      due_.erase(&r);
    } else if (r.status == job_status::processing) {
      leases_.erase(&r);
    } else {
      (r.status == job_status::failed ? dead_ : done_).erase(&r);
    }
  }

  void remove(record& r) {
    const job_request request = read(r).value.request;
    count_removal(counts_, r.status);
    unlink(r);
    by_user_.erase(&r);
    by_conversion_.erase(&r);
    if (!request.idempotency_key.empty()) {
      erase_from(by_key_, hash_of(request.user_id, request.idempotency_key), &r);
    }
    records_.erase(job_id{r.id});
    const auto user = users_.find(request.user_id);
    if (--user->second == 0) {
      users_.erase(user);
    }
  }

  std::unordered_map<job_id, record> records_;
  std::unordered_map<std::string, std::size_t> users_;  ///< how many jobs each has
  fair_queue waiting_;
  std::set<record*, by_flow> pending_;
  std::set<record*, by_time> due_;
  std::set<record*, by_time> leases_;
  std::set<record*, by_status> by_status_;
  std::set<record*, by_user> by_user_;
  std::set<record*, by_conversion> by_conversion_;
  hash_index by_key_;                ///< user and idempotency key
  hash_index in_flight_;             ///< user and conversion of the jobs that are not final
  std::set<record*, by_time> done_;  ///< completed and cancelled
  std::set<record*, by_time> dead_;
  job_counts counts_;
};

}  // namespace

std::unique_ptr<job_store> make_memory_job_store() {
  return std::make_unique<memory_job_store>();
}

}  // namespace stayler::adapters
