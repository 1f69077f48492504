// SPDX-License-Identifier: MIT
#include "adapters/job_store/memory/memory_job_table.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

/// The table finds its jobs by their ids: the key says nothing.
job_row row_of(const job_record& r) {
  return {0, r.read()};
}

/// Of an idempotency key, which is its user's own.
std::size_t hash_of_key(const job_request& request) {
  return hash_of(request.user_id) * 31 + hash_of(request.idempotency_key);
}

std::optional<job_row> row_if(std::optional<stored_job> found) {
  return found ? std::optional{job_row{0, std::move(*found)}} : std::nullopt;
}

std::optional<job_row> row_if(const job_record* r) {
  return r == nullptr ? std::nullopt : std::optional{row_of(*r)};
}

std::vector<job_row> rows_until(
    const job_state_index::time_order& order, timestamp now, std::size_t limit
) {
  std::vector<job_row> rows;
  for (const job_record* r : order) {
    if (r->at > now || rows.size() == limit) {
      break;
    }
    rows.push_back(row_of(*r));
  }
  return rows;
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
  if (request.idempotency_key.empty()) {
    return std::nullopt;
  }
  return row_if(by_key_.find(hash_of_key(request), [&request](const job_request& known) {
    return known.user_id == request.user_id && known.idempotency_key == request.idempotency_key;
  }));
}

std::optional<job_row> memory_job_table::find_in_flight(const job_request& request) {
  if (request.conversion_id.empty()) {
    return std::nullopt;
  }
  const auto is_meant = [&request](const job_request& known) {
    return known.conversion_id == request.conversion_id;
  };
  return row_if(in_flight_.find(hash_of(request.conversion_id), is_meant));
}

std::optional<job_row> memory_job_table::find_oldest_pending() {
  return row_if(states_.oldest_pending());
}

const std::string* memory_job_table::find_user(const std::string& user) const {
  const auto found = users_.find(user);
  return found == users_.end() ? nullptr : &found->first;
}

std::optional<job_row> memory_job_table::first_of(const fair_queue::flow& flow) {
  const std::string* user = find_user(flow.user);
  if (user == nullptr) {
    return std::nullopt;
  }
  const job_record* ahead =
      flow.band == prioritized_band ? nullptr : states_.first_ahead(flow, *user);
  return row_if(ahead != nullptr ? ahead : states_.first_of(flow, *user));
}

bool memory_job_table::has_any_of(const fair_queue::flow& flow) {
  const std::string* user = find_user(flow.user);
  return user != nullptr && states_.first_of(flow, *user) != nullptr;
}

waiting_by_user memory_job_table::count_waiting_jobs() {
  waiting_by_user waiting;
  for (const job_record* r : states_.all()) {
    if (!is_waiting(r->status)) {
      break;  // in the order of states, in which these come first
    }
    ++waiting[*r->user];
  }
  return waiting;
}

std::vector<job_row> memory_job_table::find_due(timestamp now, std::size_t limit) {
  return rows_until(states_.due(), now, limit);
}

std::vector<job_row> memory_job_table::find_expired(timestamp now, std::size_t limit) {
  return rows_until(states_.leases(), now, limit);
}

std::vector<job_row> memory_job_table::find_owned(const std::string& instance_id) {
  std::vector<job_row> owned;
  for (const job_record* r : states_.leases()) {
    if (r->live->instance_id == instance_id) {
      owned.push_back(row_of(*r));
    }
  }
  return owned;
}

timestamp memory_job_table::next_due() {
  const auto& due = states_.due();
  return due.empty() ? timestamp{} : (*due.begin())->at;
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
    by_key_.insert(hash_of_key(request), r);
  }
  states_.insert(r, stored);
  r.write(stored);
}

void memory_job_table::update(const job_row& row) {
  job_record& r = records_.at(row.stored.value.id);
  const job& j = row.stored.value;
  link_in_flight(r, j.request, is_final(r.status), is_final(j.status));
  states_.erase(r);
  states_.insert(r, row.stored);
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
  states_.move_lease(r, r.live->value.lease_expires_at);
  return effect;
}

void memory_job_table::remove(const job_row& row) {
  const job_request& request = row.stored.value.request;
  job_record& r = records_.at(row.stored.value.id);
  states_.erase(r);
  by_user_.erase(&r);
  by_conversion_.erase(&r);
  if (!request.idempotency_key.empty()) {
    by_key_.erase(hash_of_key(request), r);
  }
  records_.erase(row.stored.value.id);
  const auto user = users_.find(request.user_id);
  if (--user->second == 0) {
    users_.erase(user);
  }
}

std::vector<job_status> memory_job_table::remove_until(
    const job_state_index::time_order& order, timestamp ended_by, std::size_t limit
) {
  std::vector<job_status> removed;
  while (removed.size() < limit && !order.empty() && (*order.begin())->at <= ended_by) {
    const job_record& oldest = **order.begin();
    removed.push_back(oldest.status);
    remove(row_of(oldest));
  }
  return removed;
}

std::vector<job_status> memory_job_table::remove_dead_letters(
    timestamp ended_by, std::size_t limit
) {
  return remove_until(states_.dead_letters(), ended_by, limit);
}

std::vector<job_status> memory_job_table::remove_finished(timestamp ended_by, std::size_t limit) {
  return remove_until(states_.finished(), ended_by, limit);
}

void memory_job_table::link_in_flight(
    job_record& r, const job_request& request, bool was_final, bool is_final
) {
  if (request.conversion_id.empty() || was_final == is_final) {
    return;
  }
  if (was_final) {
    in_flight_.insert(hash_of(request.conversion_id), r);
  } else {
    in_flight_.erase(hash_of(request.conversion_id), r);
  }
}

}  // namespace stayler::adapters
