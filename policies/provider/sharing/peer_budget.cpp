// SPDX-License-Identifier: MIT
#include "policies/provider/sharing/peer_budget.hpp"

#include <algorithm>

namespace stayler::policies {

namespace {

/// Users whose accounts are shown to the others: those that have not changed lately are known.
constexpr std::size_t longest_snapshot = 100;

/// What has been added; nothing where the later one is the smaller one.
spending difference(const spending& later, const spending& earlier) {
  const auto less = [](std::uint64_t a, std::uint64_t b) { return a - std::min(a, b); };
  return {
      less(later.calls, earlier.calls), less(later.prompt_tokens, earlier.prompt_tokens),
      less(later.text_tokens, earlier.text_tokens), less(later.image_tokens, earlier.image_tokens),
      less(later.cost, earlier.cost)};
}

}  // namespace

void peer_budget::start_day(const std::string& day) {
  day_ = day;
  own_ = {};
  own_by_user_.clear();
  changed_.clear();
}

void peer_budget::add(const std::string& user, const spending& cost) {
  own_ += cost;
  own_by_user_[user] += cost;
  mark_changed(user);
  if (part_) {
    *part_ -= std::min(*part_, cost.cost);
  }
}

void peer_budget::mark_changed(const std::string& user) {
  std::erase(changed_, user);
  changed_.push_front(user);
  if (changed_.size() > longest_snapshot) {
    changed_.pop_back();
  }
}

peer_account peer_budget::snapshot() const {
  peer_account shown{day_, own_, 0, {}};
  for (const std::string& user : changed_) {
    const auto spent = own_by_user_.find(user);
    shown.users.push_back({user, spent != own_by_user_.end() ? spent->second : spending{}, 0});
  }
  return shown;
}

peer_budget::additions peer_budget::merge(
    const std::vector<std::pair<std::string, peer_account>>& others
) {
  additions added;
  reserved_ = 0;
  reserved_by_user_.clear();
  for (const auto& [instance_id, account] : others) {
    if (account.day != day_) {
      continue;
    }
    peer& known = peers_[instance_id];
    if (known.day != day_) {
      known = {day_, {}, {}};
    }
    added.total += difference(account.total, known.total);
    known.total = account.total;
    reserved_ += account.reserved;
    for (const peer_account::user& user : account.users) {
      spending& before = known.by_user[user.id];
      added.by_user[user.id] += difference(user.amount, before);
      before = user.amount;
      reserved_by_user_[user.id] += user.reserved;
    }
  }
  return std::exchange(has_merged_, true) ? added : additions{};
}

void peer_budget::divide(
    micro_dollars left, micro_dollars last, std::size_t others, bool is_first
) {
  // Half of an equal part: what the others show is up to one round old, so that two rounds of
  // theirs may meet one of ours.
  part_ = left / (2 * (others + 1));
  if (is_first) {
    part_ = std::max(*part_, std::min(left, last));
  }
}

void peer_budget::take_part(micro_dollars amount) {
  if (part_) {
    *part_ -= amount;
  }
}

void peer_budget::give_part_back(micro_dollars amount) {
  if (part_) {
    *part_ += amount;
  }
}

micro_dollars peer_budget::reserved_of(const std::string& user) const {
  const auto found = reserved_by_user_.find(user);
  return found != reserved_by_user_.end() ? found->second : 0;
}

}  // namespace stayler::policies
