// SPDX-License-Identifier: MIT
#include "adapters/job_store/memory/job_indexes.hpp"

#include "adapters/job_store/job_counting.hpp"
#include "adapters/job_store/job_table.hpp"
#include "messages/jobs/suspect.hpp"

#include <algorithm>

namespace stayler::adapters {

namespace {

/// What comes before all jobs of that flow.
job_record lower_bound_of(const fair_queue::flow& flow, const std::string& user) {
  job_record bound;
  bound.band = flow.band;
  bound.type = flow.type;
  bound.is_suspect = flow.is_suspect;
  bound.user = &user;
  return bound;
}

/// But for the band.
bool is_alike(const job_record& a, const job_record& b) noexcept {
  return a.type == b.type && a.is_suspect == b.is_suspect && a.user == b.user;
}

}  // namespace

void job_hash_index::insert(std::size_t hash, job_record& r) {
  records_.emplace(hash, &r);
}

void job_hash_index::erase(std::size_t hash, const job_record& r) {
  const auto [first, last] = records_.equal_range(hash);
  const auto found = std::find_if(first, last, [&](const auto& e) { return e.second == &r; });
  if (found != last) {
    records_.erase(found);
  }
}

std::optional<stored_job> job_hash_index::find(
    std::size_t hash, const std::function<bool(const job_request&)>& is_meant
) const {
  const auto [first, last] = records_.equal_range(hash);
  for (auto entry = first; entry != last; ++entry) {
    stored_job stored = entry->second->read();
    if (is_meant(stored.value.request)) {
      return stored;
    }
  }
  return std::nullopt;
}

job_state_index::time_order* job_state_index::order_of(job_status status) noexcept {
  switch (status) {
    case job_status::pending:
      return nullptr;
    case job_status::scheduled:
      return &due_;
    case job_status::processing:
      return &leases_;
    case job_status::failed:
      return &dead_letters_;
    case job_status::completed:
    case job_status::cancelled:
      break;
  }
  return &finished_;
}

void job_state_index::insert(job_record& r, const stored_job& stored) {
  r.status = stored.value.status;
  r.band = waiting_band(stored);
  r.is_suspect = is_suspect(stored.value);
  r.over = stored.over;
  r.at = time_of(stored.value);
  ++count_of(counts_, r.status);
  all_.insert(&r);
  if (time_order* order = order_of(r.status)) {
    order->insert(&r);
  } else {
    pending_.insert(&r);
  }
  if (r.over == precedence::own_jobs) {
    ahead_.insert(&r);
  }
}

void job_state_index::erase(job_record& r) {
  --count_of(counts_, r.status);
  all_.erase(&r);
  if (time_order* order = order_of(r.status)) {
    order->erase(&r);
  } else {
    pending_.erase(&r);
  }
  if (r.over == precedence::own_jobs) {
    ahead_.erase(&r);
  }
}

void job_state_index::move_lease(job_record& r, timestamp expires_at) {
  if (r.at != expires_at) {
    leases_.erase(&r);
    r.at = expires_at;
    leases_.insert(&r);
  }
}

const job_record* job_state_index::oldest_pending() const {
  const auto oldest = all_.begin();
  const bool is_there = oldest != all_.end() && (*oldest)->status == job_status::pending;
  return is_there ? *oldest : nullptr;
}

const job_record* job_state_index::first_of(const fair_queue::flow& flow, const std::string& user)
    const {
  job_record bound = lower_bound_of(flow, user);
  const auto first = pending_.lower_bound(&bound);
  const bool is_of_flow =
      first != pending_.end() && (*first)->band == flow.band && is_alike(**first, bound);
  return is_of_flow ? *first : nullptr;
}

const job_record* job_state_index::first_ahead(
    const fair_queue::flow& flow, const std::string& user
) const {
  job_record bound = lower_bound_of(flow, user);
  const auto first = ahead_.lower_bound(&bound);
  return first != ahead_.end() && is_alike(**first, bound) ? *first : nullptr;
}

}  // namespace stayler::adapters
