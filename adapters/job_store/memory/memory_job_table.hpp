// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_table.hpp"
#include "adapters/job_store/memory/job_record.hpp"
#include "messages/jobs/job_filter.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <unordered_map>

namespace stayler::adapters {

/// Jobs in this process's memory. No call fails, so that nothing is ever undone.
class memory_job_table final : public job_table {
 public:
  failure transact(const std::function<void()>& changes) override;
  [[nodiscard]] bool is_blocking() const noexcept override { return false; }

  std::optional<job_row> find(const job_id& id) override;
  std::optional<job_row> find_by_key(const job_request& request) override;
  std::optional<job_row> find_in_flight(const job_request& request) override;
  std::optional<job_row> find_oldest_pending() override;
  std::optional<job_row> first_of(const fair_queue::flow& flow) override;
  std::vector<job_row> find_due(timestamp now, std::size_t limit) override;
  std::vector<job_row> find_expired(timestamp now, std::size_t limit) override;
  std::vector<job_row> find_owned(const std::string& instance_id) override;
  result<job_page> list(const job_filter& filter) override;
  timestamp next_due() override;
  bool has_any_of(const fair_queue::flow& flow) override;

  void insert(const stored_job& stored) override;
  void update(const job_row& row) override;
  std::optional<result<change_effect>> update_in_place(
      const job_id& id, const report_function& report
  ) override;
  void remove(const job_row& row) override;
  std::vector<job_status> remove_dead_letters(timestamp ended_by, std::size_t limit) override;
  std::vector<job_status> remove_finished(timestamp ended_by, std::size_t limit) override;

  job_counts read_counts() override { return counts_; }
  void write_counts(const job_counts& counts) override { counts_ = counts; }
  job_counts count_states() override { return states_; }

  // Flows and paused types are known to the store, which lives no longer than its table.
  void each_flow(const flow_visitor& /*visit*/) override {}
  std::set<job_type> read_paused() override { return {}; }
  void set_paused(job_type /*type*/, bool /*is_paused*/) override {}

 private:
  /// Finds a job by the hash of something it says: a third of an index by the texts themselves.
  /// What is found may be another job of the same hash.
  using hash_index = std::unordered_multimap<std::size_t, job_record*>;
  using time_index = std::set<job_record*, by_time>;

  static void erase_from(hash_index& index, std::size_t hash, const job_record* value);
  static std::vector<job_row> rows_until(const time_index& index, timestamp now, std::size_t limit);
  std::optional<job_row> find_by(
      const hash_index& index, const job_request& request, std::string job_request::*field
  ) const;
  /// The oldest job of a flow; null where it has none.
  [[nodiscard]] job_record* find_first(const fair_queue::flow& flow) const;
  std::vector<job_status> remove_until(time_index& index, timestamp ended_by, std::size_t limit);

  /// The index of a job's status; null for pending ones.
  time_index* index_of(job_status status) noexcept;
  void link(job_record& r, const stored_job& stored);
  void link_in_flight(job_record& r, const job_request& request, bool was_final, bool is_final);
  void unlink(job_record& r);

  std::unordered_map<job_id, job_record> records_;
  std::unordered_map<std::string, std::size_t> users_;  ///< how many jobs each has
  std::set<job_record*, by_flow> pending_;
  time_index due_;
  time_index leases_;
  time_index finished_;  ///< completed and cancelled
  time_index dead_letters_;
  std::set<job_record*, by_status> by_status_;
  std::set<job_record*, by_user> by_user_;
  std::set<job_record*, by_conversion> by_conversion_;
  hash_index by_key_;     ///< user and idempotency key
  hash_index in_flight_;  ///< user and conversion of the jobs that are not final
  job_counts counts_;
  job_counts states_;  ///< how many are in each state, by the indexes
};

}  // namespace stayler::adapters
