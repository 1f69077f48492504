// SPDX-License-Identifier: MIT
#include "actors/provider/spending_book.hpp"

#include "adapters/gemini/provider_day.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::actors {

namespace {

constexpr std::size_t longest_report = 100;

micro_dollars to_micros(double dollars) {
  return static_cast<micro_dollars>(std::llround(dollars * 1e6));
}

}  // namespace

void spending_book::configure(const gemini_settings& config) {
  budget_ = to_micros(config.budget_per_day);
  user_budget_ = to_micros(config.budget_per_user);
  last_refused_ = 0;
}

void spending_book::turn_page(timestamp now) {
  if (now < day_ends_) {
    return;
  }
  day_ = adapters::provider_day(now);
  day_ends_ = adapters::end_of_provider_day(now);
  total_ = {};
  by_user_.clear();
  last_refused_ = 0;
}

void spending_book::load(const std::vector<user_spending>& entries, timestamp now) {
  turn_page(now);
  for (const user_spending& entry : entries) {
    if (entry.day == day_) {
      by_user_[entry.user_id] += entry.amount;
      total_ += entry.amount;
    }
  }
}

spending_book::verdict spending_book::reserve(
    const attempt_id& call, const std::string& user, micro_dollars most, timestamp now
) {
  turn_page(now);
  release(call);
  if (budget_ > 0 && total_.cost + most > budget_) {
    last_refused_ = most;
    return verdict::day_is_spent;
  }
  const micro_dollars of_user = by_user_[user].cost;
  if (user_budget_ > 0 && of_user + most > user_budget_) {
    return verdict::user_is_spent;
  }
  const bool has_room = budget_ == 0 || total_.cost + reserved_ + most <= budget_;
  const bool has_user_room =
      user_budget_ == 0 || of_user + reserved_by_user_[user] + most <= user_budget_;
  if (!has_room || !has_user_room) {
    return verdict::reserved;
  }
  open_[call] = {user, most};
  reserved_ += most;
  reserved_by_user_[user] += most;
  return verdict::granted;
}

void spending_book::release(const attempt_id& call) {
  const auto found = open_.find(call);
  if (found == open_.end()) {
    return;
  }
  const auto& [user, most] = found->second;
  reserved_ -= most;
  const auto of_user = reserved_by_user_.find(user);
  if ((of_user->second -= most) == 0) {
    reserved_by_user_.erase(of_user);
  }
  open_.erase(found);
}

user_spending spending_book::settle(const attempt_id& call, const spending& cost, timestamp now) {
  turn_page(now);
  const auto found = open_.find(call);
  user_spending entry{day_, found != open_.end() ? found->second.user : std::string{}, cost};
  release(call);
  by_user_[entry.user_id] += cost;
  total_ += cost;
  return entry;
}

bool spending_book::is_day_spent(timestamp now) {
  turn_page(now);
  return budget_ > 0 && last_refused_ > 0 && total_.cost + last_refused_ > budget_;
}

spending_report spending_book::report(timestamp now) {
  turn_page(now);
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

}  // namespace stayler::actors
