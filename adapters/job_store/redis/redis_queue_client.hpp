// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/row_cipher.hpp"
#include "adapters/job_store/redis/command_pipeline.hpp"
#include "adapters/job_store/redis/lease_cache.hpp"
#include "adapters/job_store/redis/redis_commands.hpp"
#include "adapters/job_store/redis/redis_job_store.hpp"
#include "adapters/job_store/redis/redis_job_value.hpp"
#include "adapters/redis/redis_script.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// Jobs that are read at a time for a listing or for the verification of indexes.
inline constexpr std::size_t jobs_per_read = 500;

/// The jobs in an array of the script's answer: from `first` on, an id and its value in turn. One
/// that cannot be read has a problem.
result<std::vector<redis_job>> read_redis_jobs(
    redis_value values, const row_cipher& cipher, std::size_t first = 0
);

/// A queue in Redis as the store's parts see it: reads jobs, runs the script, and remembers what
/// the last run said of the whole queue. Every failure is that of the connection.
class redis_queue_client {
 public:
  using jobs_by_id = std::map<job_id, redis_job>;

  explicit redis_queue_client(redis_job_store_options options);

  /// Connects now; otherwise the first call does. As redis_script::connect() and prepare().
  void_result connect();
  /// To be called before commands are made: has checked that the queue is in a form that this
  /// program knows, and has its cipher, from when it was first there. As
  /// check_redis_queue_format() and open_redis_cipher().
  void_result prepare();
  [[nodiscard]] const row_cipher& cipher() const { return cipher_; }
  /// See redis_script::on_doubt().
  void on_doubt(std::function<void(const std::string&)> told) { script_.on_doubt(std::move(told)); }

  /// The server's time, reckoned from when it last said it; the caller's until then.
  void set_time(timestamp callers);
  [[nodiscard]] timestamp now() const { return now_; }

  [[nodiscard]] command_pipeline new_pipeline() const;

  /// The answer to each command, valid until the next run. An answer may be an error of the server.
  /// One run takes place also without commands: it makes jobs due and refreshes the state below.
  result<std::vector<redis_value>> run_script(command_pipeline& commands);
  result<redis_value> run_script(redis_command command);

  /// Those of the jobs that exist.
  result<jobs_by_id> read_jobs(const std::vector<job_id>& ids);
  /// Every job under lease.
  result<jobs_by_id> read_leased();
  /// The jobs that a command finds: see read_redis_jobs.
  result<std::vector<redis_job>> find_jobs(redis_command command);
  /// Makes dead letters of jobs under lease that were changed from outside, and says so.
  void set_aside(const std::vector<redis_job>& unreadable);
  /// See redis_script::pipeline().
  result<std::vector<redis_reply>> pipeline(std::span<const std::vector<std::string>> commands) {
    return script_.pipeline(commands);
  }
  /// The jobs of a set that are older than that id, newest first, jobs_per_read at most.
  result<std::vector<redis_job>> list_below(const std::string& set, const std::string& id);

  [[nodiscard]] lease_cache& leases() { return leases_; }

  [[nodiscard]] const job_counts& counts() const { return state_.counts; }
  [[nodiscard]] timestamp next_due() const { return state_.next_due; }
  /// Those that runs of this client have ended since the last call.
  std::vector<type_pause> take_ended_pauses() { return std::exchange(ended_pauses_, {}); }
  [[nodiscard]] const redis_options& server() const { return options_.server; }
  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  [[nodiscard]] std::string wake_channel() const { return prefix_ + ":wake"; }
  /// Of this coordinator, among those that share the queue.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] milliseconds reaper_term() const { return options_.reaper_term; }

  /// Whether this coordinator is the reaper, now and for a term; it becomes it where there is none.
  result<bool> is_reaper();
  /// Lets another be the reaper.
  void resign();

 private:
  void set_server_time(timestamp servers);

  redis_job_store_options options_;
  std::string prefix_;
  std::string name_;
  redis_script script_;
  row_cipher cipher_;
  bool is_prepared_ = false;
  std::vector<redis_reply> last_replies_;  ///< what the values of the last run point into
  lease_cache leases_;
  timestamp now_;
  std::optional<timestamp> server_time_;  ///< as the server last said it
  std::chrono::steady_clock::time_point server_time_at_;
  queue_state state_;
  std::vector<type_pause> ended_pauses_;
};

}  // namespace stayler::adapters
