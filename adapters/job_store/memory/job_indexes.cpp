// SPDX-License-Identifier: MIT
#include "adapters/job_store/memory/job_indexes.hpp"

#include "adapters/job_store/job_counting.hpp"
#include "adapters/job_store/job_table.hpp"

#include <algorithm>

namespace stayler::adapters {

namespace {

std::size_t hash_of_both(const std::string& first, const std::string& second) noexcept {
  return hash_of(first) * 31 + hash_of(second);
}

}  // namespace

void job_hash_index::insert(const std::string& user, const std::string& name, job_record& r) {
  records_.emplace(hash_of_both(user, name), &r);
}

void job_hash_index::erase(const std::string& user, const std::string& name, const job_record& r) {
  const auto [first, last] = records_.equal_range(hash_of_both(user, name));
  const auto found = std::find_if(first, last, [&](const auto& e) { return e.second == &r; });
  if (found != last) {
    records_.erase(found);
  }
}

std::optional<stored_job> job_hash_index::find(
    const job_request& request, std::string job_request::*field
) const {
  const auto [first, last] = records_.equal_range(hash_of_both(request.user_id, request.*field));
  for (auto entry = first; entry != last; ++entry) {
    if (*entry->second->user == request.user_id) {
      stored_job stored = entry->second->read();
      if (stored.value.request.*field == request.*field) {
        return stored;
      }
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
  r.at = time_of(stored.value);
  ++count_of(counts_, r.status);
  all_.insert(&r);
  if (time_order* order = order_of(r.status)) {
    order->insert(&r);
  } else {
    pending_.insert(&r);
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

const job_record* job_state_index::first_of(
    std::uint32_t band, job_type type, const std::string& user
) const {
  job_record bound;
  bound.band = band;
  bound.type = type;
  bound.user = &user;
  const auto first = pending_.lower_bound(&bound);
  const bool is_of_flow = first != pending_.end() && (*first)->band == band
                          && (*first)->type == type && (*first)->user == bound.user;
  return is_of_flow ? *first : nullptr;
}

}  // namespace stayler::adapters
