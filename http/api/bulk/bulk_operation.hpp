// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "http/api/access/key_validity.hpp"
#include "http/api/bridge.hpp"
#include "http/api/json/jobs/bulk_json.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// How a bulk operation stands.
enum class operation_state : std::uint8_t {
  running,
  done,
  stopped,  ///< by a caller, or as its key is no more
  failed,   ///< the queue could not be asked
};

std::string_view to_string(operation_state state) noexcept;

/// What is wanted of a bulk operation.
struct operation_plan {
  std::string id;
  bulk_action action = bulk_action::retry;
  bulk_selection jobs;
  std::string by;  ///< the name of the caller's key; empty where none was needed
  std::shared_ptr<key_validity> validity;  ///< of that key, with which it ends; null: none
  std::uint64_t total = 0;                 ///< that its dry run has counted
  std::uint32_t rate_per_minute = 0;       ///< 0: as fast as it goes
  /// Whether the job, which matches the filter, is one of those; null: each is.
  std::function<bool(const job&)> is_selected{};
};

/// Does the same to all jobs that match, page by page, so that others' changes go in between. From
/// any thread.
class bulk_operation : public std::enable_shared_from_this<bulk_operation> {
 public:
  bulk_operation(
      const bridge& actors, std::shared_ptr<const adapters::wall_clock> clock, operation_plan plan
  );

  /// To be called once.
  void start();

  /// Ends it after the jobs that it is at; false where it has ended.
  bool stop();

  [[nodiscard]] const std::string& id() const noexcept { return plan_.id; }
  [[nodiscard]] const std::string& by() const noexcept { return plan_.by; }

  /// As JSON.
  [[nodiscard]] std::string render() const;

 private:
  void take_page(job_page& page);
  void change(const job_id& id);
  template <class Atom>
  void ask(Atom what, const job_id& id);
  void take_answer(const result<job>& answer);
  void end_page();
  void ask_page();
  void end_pause();
  void end(operation_state state, const std::string& why);
  [[nodiscard]] bool is_stopped() const;

  const bridge actors_;
  const std::shared_ptr<const adapters::wall_clock> clock_;
  const operation_plan plan_;
  const timestamp created_at_;

  std::shared_ptr<void> revocation_;  ///< of the caller's key

  // On the bridge's actor alone.
  job_filter filter_;
  std::size_t unanswered_ = 0;
  std::size_t asked_ = 0;  ///< of the page
  bool is_last_page_ = false;
  bool is_pausing_ = false;  ///< to keep to the rate
  failure trouble_;

  mutable std::mutex mutex_;  ///< of what follows
  operation_state state_ = operation_state::running;
  bool wants_stop_ = false;
  std::uint64_t done_ = 0;
  std::uint64_t refused_ = 0;
  std::string last_refusal_;
  timestamp ended_at_;
};

/// The latest operations of this process. From any thread.
class operation_list {
 public:
  using operation_ptr = std::shared_ptr<bulk_operation>;

  void add(operation_ptr added);

  /// Null where there is none of that id, or not any more.
  [[nodiscard]] operation_ptr find(std::string_view id) const;

  /// Newest first.
  [[nodiscard]] std::vector<operation_ptr> all() const;

 private:
  mutable std::mutex mutex_;
  std::deque<operation_ptr> operations_;
};

}  // namespace stayler::http
