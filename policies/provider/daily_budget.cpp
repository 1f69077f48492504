// SPDX-License-Identifier: MIT
#include "policies/provider/daily_budget.hpp"

#include "adapters/gemini/provider_day.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::policies {

namespace {

constexpr std::size_t longest_report = 100;

/// Users whose accounts are shown to the others: those that have not changed lately are known.
constexpr std::size_t longest_show = 100;

/// What has been added; nothing where the later one is the smaller one.
spending difference(const spending& later, const spending& earlier) {
  const auto less = [](std::uint64_t a, std::uint64_t b) { return a - std::min(a, b); };
  return {
      less(later.calls, earlier.calls), less(later.prompt_tokens, earlier.prompt_tokens),
      less(later.text_tokens, earlier.text_tokens), less(later.image_tokens, earlier.image_tokens),
      less(later.cost, earlier.cost)};
}

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
  own_ = {};
  own_by_user_.clear();
  latest_.clear();
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
  const bool has_room = budget_ == 0 || total_.cost + reserved_ + peers_reserved_ + most <= budget_;
  const bool has_user_room =
      user_budget_ == 0 || of_user + reserved_of(user) + most <= user_budget_;
  if (!has_room || !has_user_room || !has_part_for(most)) {
    return verdict::reserved;
  }
  open_[call] = {user, most};
  reserved_ += most;
  reserved_by_user_[user] += most;
  if (part_) {
    *part_ -= most;
  }
  note_change(user);
  return verdict::granted;
}

void daily_budget::release(const attempt_id& call) {
  const auto found = open_.find(call);
  if (found == open_.end()) {
    return;
  }
  const auto& [user, most] = found->second;
  reserved_ -= most;
  if (part_) {
    *part_ += most;
  }
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
  own_by_user_[user] += cost;
  own_ += cost;
  note_change(user);
  if (part_) {
    *part_ -= std::min(*part_, cost.cost);
  }
  return entry;
}

bool daily_budget::is_day_spent(timestamp now) {
  roll_over_day(now);
  return budget_ > 0 && last_refused_ > 0 && total_.cost + last_refused_ > budget_;
}

micro_dollars daily_budget::reserved_of(const std::string& user) const {
  const auto of_own = reserved_by_user_.find(user);
  const auto of_peers = peers_reserved_by_user_.find(user);
  return (of_own != reserved_by_user_.end() ? of_own->second : 0)
         + (of_peers != peers_reserved_by_user_.end() ? of_peers->second : 0);
}

bool daily_budget::has_part_for(micro_dollars most) const {
  return !part_ || most <= *part_;
}

peer_account daily_budget::show(timestamp now) {
  roll_over_day(now);
  peer_account shown{day_, own_, reserved_, {}};
  for (const std::string& user : latest_) {
    const auto reserved = reserved_by_user_.find(user);
    shown.users.push_back(
        {user, own_by_user_[user], reserved != reserved_by_user_.end() ? reserved->second : 0}
    );
  }
  return shown;
}

void daily_budget::hear(
    const std::vector<std::pair<std::string, peer_account>>& others, bool is_first, timestamp now
) {
  roll_over_day(now);
  peers_reserved_ = 0;
  peers_reserved_by_user_.clear();
  for (const auto& [owner, account] : others) {
    if (account.day != day_) {
      continue;
    }
    take_over(peers_[owner], account);
    peers_reserved_ += account.reserved;
    for (const peer_account::user& user : account.users) {
      peers_reserved_by_user_[user.id] += user.reserved;
    }
  }
  has_heard_ = true;
  part_.reset();
  if (budget_ > 0 && !others.empty()) {
    const micro_dollars taken = total_.cost + reserved_ + peers_reserved_;
    const micro_dollars left = budget_ - std::min(budget_, taken);
    // Half of an equal part: what they show is up to one round old, so that two rounds of theirs
    // may meet one of ours.
    part_ = left / (2 * (others.size() + 1));
    if (is_first) {
      part_ = std::max(*part_, std::min(left, last_asked_));
    }
  }
}

void daily_budget::take_over(peer_part& known, const peer_account& shown) {
  if (known.day != day_) {
    known = {day_, {}, {}};
  }
  if (has_heard_) {
    total_ += difference(shown.total, known.total);
  }
  known.total = shown.total;
  for (const peer_account::user& user : shown.users) {
    spending& before = known.by_user[user.id];
    if (has_heard_) {
      by_user_[user.id] += difference(user.amount, before);
    }
    before = user.amount;
  }
}

void daily_budget::note_change(const std::string& user) {
  std::erase(latest_, user);
  latest_.push_front(user);
  if (latest_.size() > longest_show) {
    latest_.pop_back();
  }
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
