// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/provider/generation.hpp"
#include "messages/service/alert.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stayler::policies {

/// What alerts are decided by. What is not set is not known now, and leaves its alert as it stands.
struct alert_facts {
  std::optional<std::uint64_t> pending;            ///< jobs that could run now
  std::optional<std::uint64_t> workers;            ///< that have joined any coordinator
  std::optional<std::uint64_t> full_store_errors;  ///< batches that the job store had no room for
  std::optional<std::uint64_t> refused_keys;       ///< calls for which the provider refused the key
  std::string refusal;                             ///< the last of these, in words
  std::optional<breaker_state> breaker;
  std::optional<std::uint64_t> open_notifications;
  std::optional<std::uint64_t> given_up_notifications;  ///< counted, like the errors, from a start
};

/// An alert that has begun or ended.
struct alert_change {
  alert_kind kind = alert_kind::no_workers;
  bool is_firing = false;  ///< it ended otherwise
  std::string summary;     ///< what is wrong; of one that has ended what was
  timestamp since;

  friend bool operator==(const alert_change&, const alert_change&) = default;
};

/// Which alerts fire. The conditions, and how long each has to hold, are those of the rules of the
/// same names in config/prometheus/alerts.yml. An alert that ends and comes back within ten minutes
/// fires again when these are over, so that a receiver hears of each at most once in that time.
class alert_rules {
 public:
  /// Any steady time; differences alone count.
  using instant = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::minutes least_interval{10};

  /// What has changed by what is known at `now`, whose date is `date`.
  std::vector<alert_change> update(const alert_facts& facts, instant now, timestamp date);

  /// That alert fires already, as an earlier process has told. What that one has counted and seen
  /// is not known any more, so the alert does not end before least_interval is over.
  void resume(alert_kind kind, std::string summary, timestamp since, instant now);

  /// What fires now, as it was when that began.
  [[nodiscard]] std::vector<alert_change> firing() const;

 private:
  /// A counter that somebody else keeps, and begins anew at a restart.
  class rising {
   public:
    /// Whether it has risen within that time.
    bool update(std::uint64_t count, instant now, milliseconds memory);

   private:
    std::optional<std::uint64_t> last_;
    std::optional<instant> risen_at_;
  };

  struct alert_state {
    std::optional<instant> holds_since;
    std::optional<instant> fired_at;
    std::optional<instant> resumed_at;
    timestamp since;
    std::string summary;
    bool is_firing = false;
  };

  /// What is wrong, in words: empty if nothing is, not set if that is not known.
  std::optional<std::string> verdict(alert_kind kind, const alert_facts& facts, instant now);
  std::optional<std::string> stuck_notifications(const alert_facts& facts, instant now);
  std::optional<alert_change> judge(
      alert_kind kind, std::string summary, instant now, timestamp date
  );
  alert_state& state_of(alert_kind kind) { return states_[static_cast<std::size_t>(kind)]; }

  std::array<alert_state, all_alert_kinds.size()> states_;
  rising full_store_errors_;
  rising refused_keys_;
  rising given_up_;
};

}  // namespace stayler::policies
