// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/redis/script_commands.hpp"
#include "adapters/job_store/redis/redis_job_store.hpp"
#include "adapters/job_store/redis/redis_job_value.hpp"
#include "adapters/job_store/redis/redis_leases.hpp"
#include "adapters/redis/redis_script.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stayler::adapters {

/// Jobs that a listing or an audit reads at a time.
inline constexpr std::size_t jobs_per_read = 500;

/// The jobs in an array of the script's answer: every `step`th element from `first` on.
result<std::vector<redis_job>> read_redis_jobs(
    redis_value values, std::size_t first = 0, std::size_t step = 1
);

/// A queue in Redis as the store's parts see it: reads jobs, runs the script, and remembers what
/// the last run said of the whole queue. Every failure is that of the connection.
class redis_queue {
 public:
  using jobs_by_id = std::map<job_id, redis_job>;

  explicit redis_queue(redis_job_store_options options);

  void_result connect() { return script_.connect(); }

  /// The server's time, reckoned from when it last said it; the caller's until then.
  void set_time(timestamp callers);
  [[nodiscard]] timestamp now() const { return now_; }

  /// For the changes of one round.
  [[nodiscard]] script_commands new_calls() const;

  /// The answer to each change, valid until the next run; one run takes place also without changes.
  result<std::vector<redis_value>> run(script_commands& calls);

  /// Those of the jobs that exist.
  result<jobs_by_id> read(const std::vector<job_id>& ids);

  [[nodiscard]] redis_leases& leases() { return leases_; }

  /// Every job under lease.
  result<jobs_by_id> read_leased();

  /// The jobs that one change of the script finds.
  result<std::vector<redis_job>> ask(
      std::vector<std::string> change, std::size_t first = 0, std::size_t step = 1
  );

  /// The jobs of a set that are older than that id, newest first, jobs_per_read at most.
  result<std::vector<redis_job>> list_below(const std::string& set, const std::string& before);

  [[nodiscard]] const job_counts& counts() const { return counts_; }
  [[nodiscard]] timestamp next_due() const { return next_due_; }
  [[nodiscard]] const redis_options& server() const { return options_.server; }
  [[nodiscard]] std::string wake_channel() const { return prefix_ + ":wake"; }
  /// Of this coordinator, among those that share the queue.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string reaper_term() const {
    return std::to_string(options_.reaper_term.count());
  }

  /// Whether this coordinator is the one that looks after the queue, now and for a term.
  result<bool> is_reaper();
  /// Leaves the place to another.
  void resign();

 private:
  void note_state(redis_value answer);
  void note_time(timestamp servers);

  redis_job_store_options options_;
  std::string prefix_;
  std::string name_;
  redis_script script_;
  std::vector<redis_reply> last_replies_;  ///< what the values of the last run point into
  redis_leases leases_;
  timestamp now_;
  std::optional<timestamp> servers_time_;  ///< as it was last said
  std::chrono::steady_clock::time_point said_at_;
  job_counts counts_;
  timestamp next_due_;
};

}  // namespace stayler::adapters
