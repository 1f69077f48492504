// SPDX-License-Identifier: MIT
#include "policies/provider/limits/daily_budget.hpp"

#include "adapters/gemini/provider_day.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::policies {

namespace {

constexpr std::size_t longest_report = 100;

micro_dollars to_micros(double dollars) {
  return static_cast<micro_dollars>(std::llround(dollars * 1e6));
}

}  // namespace

void daily_budget::configure(const gemini_settings& config) {
  budget_ = to_micros(config.budget_per_day);
  user_budget_ = to_micros(config.budget_per_user);
  last_refused_ = 0;
}

void daily_budget::roll_over_day(timestamp now) {
  if (now < day_ends_) {
    return;
  }
  day_ = adapters::provider_day(now);
  day_ends_ = adapters::end_of_provider_day(now);
  total_ = {};
  by_user_.clear();
  peers_.start_day(day_);
  last_refused_ = 0;
}

void daily_budget::load(const std::vector<user_spending>& entries, timestamp now) {
  roll_over_day(now);
  for (const user_spending& entry : entries) {
    if (entry.day == day_) {
      by_user_[entry.user_id] += entry.amount;
      total_ += entry.amount;
    }
  }
}

daily_budget::verdict daily_budget::reserve(
    const attempt_id& call, const std::string& user, micro_dollars most, timestamp now
) {
  roll_over_day(now);
  release(call);
  last_asked_ = std::max(last_asked_, most);
  if (budget_ > 0 && total_.cost + most > budget_) {
    last_refused_ = most;
    return verdict::day_is_spent;
  }
  const micro_dollars of_user = by_user_[user].cost;
  if (user_budget_ > 0 && of_user + most > user_budget_) {
    return verdict::user_is_spent;
  }
  const bool has_room =
      budget_ == 0 || total_.cost + reserved_ + peers_.reserved() + most <= budget_;
  const bool has_user_room =
      user_budget_ == 0 || of_user + reserved_of(user) + most <= user_budget_;
  if (!has_room || !has_user_room || !peers_.has_part_for(most)) {
    return verdict::must_wait;
  }
  open_[call] = {user, most};
  reserved_ += most;
  reserved_by_user_[user] += most;
  peers_.take_part(most);
  peers_.mark_changed(user);
  return verdict::granted;
}

void daily_budget::release(const attempt_id& call) {
  const auto found = open_.find(call);
  if (found == open_.end()) {
    return;
  }
  const auto& [user, most] = found->second;
  reserved_ -= most;
  peers_.give_part_back(most);
  const auto of_user = reserved_by_user_.find(user);
  if ((of_user->second -= most) == 0) {
    reserved_by_user_.erase(of_user);
  }
  open_.erase(found);
}

user_spending daily_budget::settle(
    const attempt_id& call, const std::string& user, const spending& cost, timestamp now
) {
  roll_over_day(now);
  user_spending entry{day_, user, cost};
  release(call);
  by_user_[user] += cost;
  total_ += cost;
  peers_.add(user, cost);
  return entry;
}

bool daily_budget::is_day_spent(timestamp now) {
  roll_over_day(now);
  return budget_ > 0 && last_refused_ > 0 && total_.cost + last_refused_ > budget_;
}

micro_dollars daily_budget::reserved_of(const std::string& user) const {
  const auto found = reserved_by_user_.find(user);
  return (found != reserved_by_user_.end() ? found->second : 0) + peers_.reserved_of(user);
}

peer_account daily_budget::snapshot(timestamp now) {
  roll_over_day(now);
  peer_account shown = peers_.snapshot();
  shown.reserved = reserved_;
  for (peer_account::user& user : shown.users) {
    const auto found = reserved_by_user_.find(user.id);
    user.reserved = found != reserved_by_user_.end() ? found->second : 0;
  }
  return shown;
}

void daily_budget::merge(
    const std::vector<std::pair<std::string, peer_account>>& others, bool is_first, timestamp now
) {
  roll_over_day(now);
  const auto added = peers_.merge(others);
  total_ += added.total;
  for (const auto& [user, amount] : added.by_user) {
    by_user_[user] += amount;
  }
  if (budget_ == 0 || others.empty()) {
    peers_.undivide();
    return;
  }
  const micro_dollars taken = total_.cost + reserved_ + peers_.reserved();
  peers_.divide(budget_ - std::min(budget_, taken), last_asked_, others.size(), is_first);
}

spending_report daily_budget::report(timestamp now) {
  roll_over_day(now);
  spending_report shown{day_, day_ends_, total_, reserved_, budget_, user_budget_, {}};
  for (const auto& [user, amount] : by_user_) {
    if (amount.calls > 0) {
      shown.users.push_back({day_, user, amount});
    }
  }
  std::ranges::sort(shown.users, [](const user_spending& a, const user_spending& b) {
    return a.amount.cost > b.amount.cost;
  });
  shown.users.resize(std::min(shown.users.size(), longest_report));
  return shown;
}

}  // namespace stayler::policies
