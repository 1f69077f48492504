// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/provider/spending.hpp"
#include "messages/service/settings.hpp"
#include "policies/provider/sharing/peer_budget.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace stayler::policies {

/// The day's account with the provider, by user, and the budgets. What a call may cost is reserved
/// before it is sent and replaced by what it has cost when it is answered, so that any number of
/// calls at the same time cannot overrun a budget.
class daily_budget {
 public:
  /// Whether there is room for a call, and where not, in which budget. `must_wait`: there will
  /// be some if the calls under way cost less than they may.
  enum class verdict : std::uint8_t { granted, must_wait, day_is_spent, user_is_spent };

  void configure(const gemini_settings& config);

  /// What is known of today from before this process began.
  void load(const std::vector<user_spending>& entries, timestamp now);

  verdict reserve(
      const attempt_id& call, const std::string& user, micro_dollars most, timestamp now
  );

  /// That user's call was answered; what is to be kept of it. A call for which nothing was reserved
  /// (by an earlier process, perhaps) counts all the same.
  user_spending settle(
      const attempt_id& call, const std::string& user, const spending& cost, timestamp now
  );

  /// The call was not made, or cost nothing.
  void release(const attempt_id& call);

  /// When the budgets begin anew.
  [[nodiscard]] timestamp resets_at() const { return day_ends_; }

  /// True where a call that the day's budget has refused would be refused again.
  [[nodiscard]] bool is_day_spent(timestamp now);

  spending_report report(timestamp now);

  /// This process's part of the account, for the others who share the budgets.
  peer_account snapshot(timestamp now);

  /// The others' parts, by who they are. What they have spent counts here too, and stays when they
  /// have gone. Until the next time, no more is given out than this process's part of what is left;
  /// `is_first`: of all, in the order of their names, and so may have the last of it. Those who are
  /// seen the first time this is called were there before load(), and are in what it was given.
  void merge(
      const std::vector<std::pair<std::string, peer_account>>& others, bool is_first, timestamp now
  );

 private:
  struct reservation {
    std::string user;
    micro_dollars most = 0;
  };

  void roll_over_day(timestamp now);
  [[nodiscard]] micro_dollars reserved_of(const std::string& user) const;

  micro_dollars budget_ = 0;
  micro_dollars user_budget_ = 0;
  std::string day_;
  timestamp day_ends_;
  spending total_;
  micro_dollars reserved_ = 0;
  std::map<std::string, spending> by_user_;
  std::map<std::string, micro_dollars> reserved_by_user_;
  std::map<attempt_id, reservation> open_;
  peer_budget peers_;
  micro_dollars last_asked_ = 0;    ///< the most expensive call so far
  micro_dollars last_refused_ = 0;  ///< what did not fit into the day; 0: everything did
};

}  // namespace stayler::policies
