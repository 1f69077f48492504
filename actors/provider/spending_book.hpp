// SPDX-License-Identifier: MIT
#pragma once

#include "messages/job.hpp"
#include "messages/settings.hpp"
#include "messages/spending.hpp"

#include <map>
#include <string>
#include <vector>

namespace stayler::actors {

/// The day's account with the provider, by user, and the budgets. What a call may cost is reserved
/// before it is sent and replaced by what it has cost when it is answered, so that any number of
/// calls at the same time cannot overrun a budget.
class spending_book {
 public:
  /// Whether there is room for a call, and where not, in which budget. `reserved`: there will be
  /// some if the calls under way cost less than they may.
  enum class verdict : std::uint8_t { granted, reserved, day_is_spent, user_is_spent };

  void configure(const gemini_settings& config);

  /// What is known of today from before this process began.
  void load(const std::vector<user_spending>& entries, timestamp now);

  verdict reserve(
      const attempt_id& call, const std::string& user, micro_dollars most, timestamp now
  );

  /// The call was answered; what is to be kept of it.
  user_spending settle(const attempt_id& call, const spending& cost, timestamp now);

  /// The call was not made, or cost nothing.
  void release(const attempt_id& call);

  /// When the budgets begin anew.
  [[nodiscard]] timestamp resets_at() const { return day_ends_; }

  /// True where a call that the day's budget has refused would be refused again.
  [[nodiscard]] bool is_day_spent(timestamp now);

  spending_report report(timestamp now);

 private:
  struct reservation {
    std::string user;
    micro_dollars most = 0;
  };

  void turn_page(timestamp now);

  micro_dollars budget_ = 0;
  micro_dollars user_budget_ = 0;
  std::string day_;
  timestamp day_ends_;
  spending total_;
  micro_dollars reserved_ = 0;
  std::map<std::string, spending> by_user_;
  std::map<std::string, micro_dollars> reserved_by_user_;
  std::map<attempt_id, reservation> open_;
  micro_dollars last_refused_ = 0;  ///< what did not fit into the day; 0: everything did
};

}  // namespace stayler::actors
