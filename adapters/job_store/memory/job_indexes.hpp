// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/fair_queue.hpp"
#include "adapters/job_store/memory/job_record.hpp"
#include "messages/service/status.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

// What the memory store finds its jobs by. The records are the table's, and stay where they are.
namespace stayler::adapters {

/// Finds a job by the hash of a name that its request gave it: a third of an index by the texts
/// themselves.
class job_hash_index {
 public:
  void insert(std::size_t hash, job_record& r);
  void erase(std::size_t hash, const job_record& r);

  /// The job of that hash whose request is meant; others may share the hash.
  [[nodiscard]] std::optional<stored_job> find(
      std::size_t hash, const std::function<bool(const job_request&)>& is_meant
  ) const;

 private:
  std::unordered_multimap<std::size_t, job_record*> records_;
};

/// The jobs by the state that they are in: pending ones by flow, all others by the time that counts
/// in their state.
class job_state_index {
 public:
  using time_order = std::set<job_record*, by_time>;
  using state_order = std::set<job_record*, by_status>;

  /// Gives the record the state, band and time of that job, and enters it there.
  void insert(job_record& r, const stored_job& stored);
  void erase(job_record& r);
  /// The lease of a job that has one ends at that time.
  void move_lease(job_record& r, timestamp expires_at);

  /// The oldest pending job; null where there is none. Of a flow: by the table's copy of its user.
  [[nodiscard]] const job_record* oldest_pending() const;
  [[nodiscard]] const job_record* first_of(const fair_queue::flow& flow, const std::string& user)
      const;
  /// The oldest of the flow's type and user, suspects or not as the flow is, that go ahead of their
  /// user's other jobs.
  [[nodiscard]] const job_record* first_ahead(const fair_queue::flow& flow, const std::string& user)
      const;

  [[nodiscard]] const time_order& due() const { return due_; }
  [[nodiscard]] const time_order& leases() const { return leases_; }
  [[nodiscard]] const time_order& finished() const { return finished_; }
  [[nodiscard]] const time_order& dead_letters() const { return dead_letters_; }
  [[nodiscard]] const state_order& all() const { return all_; }
  [[nodiscard]] const job_counts& counts() const { return counts_; }

 private:
  /// The order of a state; null for pending jobs.
  time_order* order_of(job_status status) noexcept;

  std::set<job_record*, by_flow> pending_;
  std::set<job_record*, by_type_and_user> ahead_;  ///< of them, those with precedence::own_jobs
  time_order due_;
  time_order leases_;
  time_order finished_;  ///< completed and cancelled
  time_order dead_letters_;
  state_order all_;
  job_counts counts_;  ///< how many are in each state
};

}  // namespace stayler::adapters
