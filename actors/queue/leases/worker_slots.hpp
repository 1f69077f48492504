// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"
#include "policies/nodes/node_balance.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace stayler::actors {

/// One worker as the queue sees it.
struct worker_slot {
  std::string id;
  std::string node;  ///< empty: this process
  /// Its node is a quarantine: it works on one suspect, and then on nothing.
  bool is_quarantine = false;
  worker_actor worker;
  std::optional<job> current;  ///< the leased job, as it was when claimed
  bool is_claiming = false;    ///< a claim for it is being written
  bool is_free = false;        ///< waits for a job
  bool is_leaving = false;     ///< gets no further job
  /// It asked to leave while a claim for it was being written, which may come back empty.
  bool asked_to_leave = false;
  /// Its lease was taken away; it is busy until it says that it has stopped.
  bool is_revoked = false;
  timestamp last_seen;
  timestamp started_at;
  std::uint64_t jobs_processed = 0;
};

/// The workers that the queue knows: which are there, which are free, and which holds which lease.
class worker_slots {
 public:
  /// A worker has come, or come back after a restart; it is free. Its count of jobs goes on.
  void join(const std::string& id, worker_actor worker, timestamp now);

  /// The same, but it is busy: it holds the lease of that job already.
  void join_busy(const std::string& id, worker_actor worker, job held, timestamp now);

  /// The slot of that worker, null where it is unknown.
  worker_slot* find(const std::string& id);

  /// The slot whose worker has that address, with its id.
  [[nodiscard]] std::optional<std::string> id_of(const caf::actor_addr& address) const;

  /// The slot that holds that attempt's lease, null where none does.
  worker_slot* holder_of(const attempt_id& attempt);
  worker_slot* holder_of(const job_id& job);
  /// True where a worker of another id holds the job's lease, as far as is known here.
  [[nodiscard]] bool is_held_by_another(const attempt_id& attempt, const std::string& id) const;

  /// Takes up to so many free workers for a claim: of the node that is to have the next job
  /// (node_balance.hpp), the longest idle.
  std::vector<std::string> take_free(std::size_t most);

  /// Takes all free workers of quarantines for a claim of suspects.
  std::vector<std::string> take_free_quarantines();

  /// The worker holds the lease of that job from now on.
  void set_busy(worker_slot& slot, job leased);

  /// The worker waits for work again (unless it is leaving).
  void set_free(worker_slot& slot);

  /// All workers of that one's node get no further job.
  void withdraw_node_of(const std::string& id);

  /// The worker is gone; returns the job whose lease it still held.
  std::optional<job> remove(const std::string& id);

  /// An attempt of that worker has made what it should.
  void record_speed(const worker_slot& slot, milliseconds took) {
    balance_.add_duration(slot.node, took);
  }

  /// Of the workers for all jobs.
  [[nodiscard]] bool has_free() const { return balance_.has_free(); }
  [[nodiscard]] bool has_free_quarantine() const { return !free_quarantines_.empty(); }
  [[nodiscard]] std::size_t size() const { return slots_.size(); }
  /// No lease is held and no claim under way.
  [[nodiscard]] bool is_idle() const { return holders_.empty() && claiming_ == 0; }
  /// Leases of jobs of that type.
  [[nodiscard]] std::uint32_t busy_with(job_type type) const;
  /// `node` is what this process is called.
  [[nodiscard]] std::vector<worker_status> status(const std::string& node) const;
  /// Of each node; quarantines, which come and go under names of their own, together as one.
  [[nodiscard]] std::vector<node_load> loads() const;

  /// The slots that hold a lease.
  std::vector<worker_slot*> busy_slots();

 private:
  worker_slot& enter(const std::string& id, worker_actor worker, timestamp now);
  void make_free(worker_slot& slot);
  void begin_claim(worker_slot& slot);
  void withdraw(worker_slot& slot);

  std::unordered_map<std::string, worker_slot> slots_;
  std::unordered_map<job_id, std::string> holders_;
  std::map<job_type, std::uint32_t> holders_by_type_;
  std::unordered_map<caf::actor_addr, std::string> addresses_;
  std::unordered_map<std::string, std::uint64_t> processed_before_;  ///< by workers that are gone
  std::unordered_map<std::string, std::deque<std::string>> free_;    ///< by node
  std::set<std::string> quarantines_;                                ///< workers of quarantines
  std::deque<std::string> free_quarantines_;
  policies::node_balance balance_;  ///< without quarantines
  std::size_t claiming_ = 0;
};

}  // namespace stayler::actors
