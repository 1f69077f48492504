// SPDX-License-Identifier: MIT
#include "adapters/job_store/memory/memory_job_table.hpp"

#include "adapters/job_store/job_counting.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

std::size_t hash_of_both(const std::string& first, const std::string& second) noexcept {
  return hash_of(first) * 31 + hash_of(second);
}

/// The table finds its jobs by their ids: the key says nothing.
job_row row_of(const job_record& r) {
  return {0, r.read()};
}

}  // namespace

failure memory_job_table::transact(const std::function<void()>& changes) {
  changes();
  return {};
}

std::optional<job_row> memory_job_table::find(const job_id& id) {
  const auto found = records_.find(id);
  return found == records_.end() ? std::nullopt : std::optional{row_of(found->second)};
}

std::optional<job_row> memory_job_table::find_by_key(const job_request& request) {
  return find_by(by_key_, request, &job_request::idempotency_key);
}

std::optional<job_row> memory_job_table::find_in_flight(const job_request& request) {
  return find_by(in_flight_, request, &job_request::conversion_id);
}

/// The job of the same user that says the same in that field, unless it is empty.
std::optional<job_row> memory_job_table::find_by(
    const hash_index& index, const job_request& request, std::string job_request::*field
) const {
  if ((request.*field).empty()) {
    return std::nullopt;
  }
  const auto [first, last] = index.equal_range(hash_of_both(request.user_id, request.*field));
  for (auto entry = first; entry != last; ++entry) {
    if (*entry->second->user == request.user_id) {
      job_row row = row_of(*entry->second);
      if (row.stored.value.request.*field == request.*field) {
        return row;
      }
    }
  }
  return std::nullopt;
}

std::optional<job_row> memory_job_table::find_oldest_pending() {
  const auto oldest = by_status_.begin();
  const bool is_there = oldest != by_status_.end() && (*oldest)->status == job_status::pending;
  return is_there ? std::optional{row_of(**oldest)} : std::nullopt;
}

job_record* memory_job_table::find_first(const fair_queue::flow& flow) const {
  const auto user = users_.find(flow.user);
  if (user == users_.end()) {
    return nullptr;
  }
  job_record bound;
  bound.band = flow.band;
  bound.type = flow.type;
  bound.user = &user->first;
  const auto first = pending_.lower_bound(&bound);
  const bool is_of_flow = first != pending_.end() && (*first)->band == flow.band
                          && (*first)->type == flow.type && (*first)->user == bound.user;
  return is_of_flow ? *first : nullptr;
}

std::optional<job_row> memory_job_table::first_of(const fair_queue::flow& flow) {
  const job_record* first = find_first(flow);
  return first == nullptr ? std::nullopt : std::optional{row_of(*first)};
}

bool memory_job_table::has_any_of(const fair_queue::flow& flow) {
  return find_first(flow) != nullptr;
}

std::vector<job_row> memory_job_table::rows_until(
    const time_index& index, timestamp now, std::size_t limit
) {
  std::vector<job_row> rows;
  for (const job_record* r : index) {
    if (r->at > now || rows.size() == limit) {
      break;
    }
    rows.push_back(row_of(*r));
  }
  return rows;
}

std::vector<job_row> memory_job_table::find_due(timestamp now, std::size_t limit) {
  return rows_until(due_, now, limit);
}

std::vector<job_row> memory_job_table::find_expired(timestamp now, std::size_t limit) {
  return rows_until(leases_, now, limit);
}

std::vector<job_row> memory_job_table::find_owned(const std::string& instance_id) {
  std::vector<job_row> owned;
  for (const job_record* r : leases_) {
    if (r->live->instance_id == instance_id) {
      owned.push_back(row_of(*r));
    }
  }
  return owned;
}

timestamp memory_job_table::next_due() {
  return due_.empty() ? timestamp{} : (*due_.begin())->at;
}

void memory_job_table::insert(const stored_job& stored) {
  const job_request& request = stored.value.request;
  job_record& r = records_[stored.value.id];
  r.id = stored.value.id;
  r.type = request.type;
  const auto user = users_.try_emplace(request.user_id, 0).first;
  ++user->second;
  r.user = &user->first;
  by_user_.insert(&r);
  if (!request.conversion_id.empty()) {
    r.conversion = hash_of(request.conversion_id);
    by_conversion_.insert(&r);
  }
  link_in_flight(r, request, true, false);
  if (!request.idempotency_key.empty()) {
    by_key_.emplace(hash_of_both(request.user_id, request.idempotency_key), &r);
  }
  link(r, stored);
  r.write(stored);
}

void memory_job_table::update(const job_row& row) {
  job_record& r = records_.at(row.stored.value.id);
  const job& j = row.stored.value;
  link_in_flight(r, j.request, is_final(r.status), is_final(j.status));
  unlink(r);
  link(r, row.stored);
  r.write(row.stored);
}

std::optional<result<change_effect>> memory_job_table::update_in_place(
    const job_id& id, const report_function& report
) {
  const auto found = records_.find(id);
  if (found == records_.end()) {
    return std::nullopt;
  }
  job_record& r = found->second;
  if (!r.live) {
    stored_job stored = r.read();
    return report(stored);
  }
  auto effect = report(*r.live);
  if (r.at != r.live->value.lease_expires_at) {
    leases_.erase(&r);
    r.at = r.live->value.lease_expires_at;
    leases_.insert(&r);
  }
  return effect;
}

void memory_job_table::remove(const job_row& row) {
  const job_request& request = row.stored.value.request;
  job_record& r = records_.at(row.stored.value.id);
  unlink(r);
  by_user_.erase(&r);
  by_conversion_.erase(&r);
  if (!request.idempotency_key.empty()) {
    erase_from(by_key_, hash_of_both(request.user_id, request.idempotency_key), &r);
  }
  records_.erase(row.stored.value.id);
  const auto user = users_.find(request.user_id);
  if (--user->second == 0) {
    users_.erase(user);
  }
}

std::vector<job_status> memory_job_table::remove_until(
    time_index& index, timestamp ended_by, std::size_t limit
) {
  std::vector<job_status> removed;
  while (removed.size() < limit && !index.empty() && (*index.begin())->at <= ended_by) {
    const job_record& oldest = **index.begin();
    removed.push_back(oldest.status);
    remove(row_of(oldest));
  }
  return removed;
}

std::vector<job_status> memory_job_table::remove_dead_letters(
    timestamp ended_by, std::size_t limit
) {
  return remove_until(dead_letters_, ended_by, limit);
}

std::vector<job_status> memory_job_table::remove_finished(timestamp ended_by, std::size_t limit) {
  return remove_until(finished_, ended_by, limit);
}

memory_job_table::time_index* memory_job_table::index_of(job_status status) noexcept {
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

void memory_job_table::link(job_record& r, const stored_job& stored) {
  r.status = stored.value.status;
  r.band = waiting_band(stored);
  r.at = time_of(stored.value);
  ++count_of(states_, r.status);
  by_status_.insert(&r);
  if (time_index* index = index_of(r.status)) {
    index->insert(&r);
  } else {
    pending_.insert(&r);
  }
}

void memory_job_table::unlink(job_record& r) {
  --count_of(states_, r.status);
  by_status_.erase(&r);
  if (time_index* index = index_of(r.status)) {
    index->erase(&r);
  } else {
    pending_.erase(&r);
  }
}

/// A conversion is in flight until its job is final.
void memory_job_table::link_in_flight(
    job_record& r, const job_request& request, bool was_final, bool is_final
) {
  if (request.conversion_id.empty() || was_final == is_final) {
    return;
  }
  const std::size_t hash = hash_of_both(request.user_id, request.conversion_id);
  if (was_final) {
    in_flight_.emplace(hash, &r);
  } else {
    erase_from(in_flight_, hash, &r);
  }
}

void memory_job_table::erase_from(hash_index& index, std::size_t hash, const job_record* value) {
  const auto [first, last] = index.equal_range(hash);
  const auto found = std::find_if(first, last, [&](const auto& e) { return e.second == value; });
  if (found != last) {
    index.erase(found);
  }
}

}  // namespace stayler::adapters
