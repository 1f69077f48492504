// SPDX-License-Identifier: MIT
#pragma once

#include "messages/provider/spending.hpp"
#include "policies/provider/sharing/peer_record.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::policies {

/// A day's budget as several coordinators share it (docs/decisions/0019): what this one has spent,
/// for the others to know, and what the others have spent and reserved. Alone, it bounds nothing.
class peer_budget {
 public:
  /// A new day: nobody has spent anything.
  void start_day(const std::string& day);

  /// This coordinator has spent that.
  void add(const std::string& user, const spending& cost);

  /// That user's account has changed: it is among those that are shown to the others.
  void mark_changed(const std::string& user);

  /// What this coordinator shows to the others; the caller fills in what it has reserved.
  [[nodiscard]] peer_account snapshot() const;

  struct additions {
    spending total;
    std::map<std::string, spending> by_user;
  };

  /// What the others, by their names, have spent since the last time. The first time nothing is
  /// new: what they show then is in what was loaded at the start.
  additions merge(const std::vector<std::pair<std::string, peer_account>>& others);

  /// Bounds what may be granted until the next merge to this coordinator's part of `left`, what is
  /// left of the budget. `is_first`: of all, by name, and so may grant the last call, of `last`.
  void divide(micro_dollars left, micro_dollars last, std::size_t others, bool is_first);

  /// Nothing is bounded.
  void undivide() { part_.reset(); }

  [[nodiscard]] bool has_part_for(micro_dollars most) const { return !part_ || most <= *part_; }
  void take_part(micro_dollars amount);
  void give_part_back(micro_dollars amount);

  /// What the others have reserved, in all and for one user.
  [[nodiscard]] micro_dollars reserved() const { return reserved_; }
  [[nodiscard]] micro_dollars reserved_of(const std::string& user) const;

 private:
  struct peer {
    std::string day;
    spending total;
    std::map<std::string, spending> by_user;
  };

  std::string day_;
  spending own_;
  std::map<std::string, spending> own_by_user_;
  std::deque<std::string> changed_;  ///< users, the latest first
  std::map<std::string, peer> peers_;
  bool has_merged_ = false;
  micro_dollars reserved_ = 0;
  std::map<std::string, micro_dollars> reserved_by_user_;
  std::optional<micro_dollars> part_;
};

}  // namespace stayler::policies
