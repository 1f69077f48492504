// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_table.hpp"
#include "adapters/job_store/memory/job_indexes.hpp"
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
  job_counts count_states() override { return states_.counts(); }
  waiting_by_user count_waiting_jobs() override;

  // Flows and pauses are known to the store, which lives no longer than its table.
  void each_flow(const flow_visitor& /*visit*/) override {}
  std::vector<type_pause> read_pauses() override { return {}; }
  void write_pause(const type_pause& /*pause*/) override {}
  void remove_pause(job_type /*type*/) override {}

 private:
  /// Null where the user has no jobs at all.
  [[nodiscard]] const std::string* find_user(const std::string& user) const;
  std::vector<job_status> remove_until(
      const job_state_index::time_order& order, timestamp ended_by, std::size_t limit
  );
  /// A conversion is in flight until its job is final.
  void link_in_flight(job_record& r, const job_request& request, bool was_final, bool is_final);

  std::unordered_map<job_id, job_record> records_;
  std::unordered_map<std::string, std::size_t> users_;  ///< how many jobs each has
  job_state_index states_;
  std::set<job_record*, by_user> by_user_;
  std::set<job_record*, by_conversion> by_conversion_;
  job_hash_index by_key_;     ///< idempotency keys
  job_hash_index in_flight_;  ///< conversions of the jobs that are not final
  job_counts counts_;
};

}  // namespace stayler::adapters
