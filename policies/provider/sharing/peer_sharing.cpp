// SPDX-License-Identifier: MIT
#include "policies/provider/sharing/peer_sharing.hpp"

#include "policies/provider/sharing/fair_share.hpp"

#include <algorithm>
#include <limits>

namespace stayler::policies {

namespace {

constexpr std::uint32_t unbounded = std::numeric_limits<std::uint32_t>::max();

/// This coordinator's part, where the others have those wishes.
std::uint32_t part_of(
    std::uint32_t total, std::vector<std::uint32_t> wishes, std::uint32_t own_wish, std::size_t rank
) {
  wishes.insert(wishes.begin() + static_cast<std::ptrdiff_t>(rank), own_wish);
  return fair_shares(total, wishes)[rank];
}

}  // namespace

std::optional<std::uint32_t> share_calls(
    std::uint32_t limit,
    std::uint32_t in_flight,
    bool wants_more,
    const std::vector<peer_record>& others,
    std::size_t rank
) {
  if (others.empty()) {
    return std::nullopt;
  }
  const auto wish = [](std::uint32_t used, bool more) {
    return more ? unbounded : used + used / 4 + 1;
  };
  std::vector<std::uint32_t> wishes;
  for (const peer_record& other : others) {
    wishes.push_back(wish(other.in_flight, other.wants_more));
  }
  return part_of(limit, std::move(wishes), wish(in_flight, wants_more), rank);
}

key_share share_key(
    const std::string& key_id,
    std::uint32_t per_minute,
    std::uint32_t recent,
    bool wants_more,
    const std::vector<peer_record>& others,
    std::size_t rank,
    learned_quota::clock_time now
) {
  key_share shared;
  if (others.empty()) {
    return shared;
  }
  const auto wish = [](std::uint32_t used, bool more) {
    return more ? unbounded : used + used / 4;
  };
  learned_quota::sharing minute;
  std::vector<std::uint32_t> wishes;
  for (const peer_record& other : others) {
    const auto same = std::ranges::find(other.keys, key_id, &peer_key::id);
    const peer_key seen = same != other.keys.end() ? *same : peer_key{};
    // One at a time probes: the first by name of those who have more to do.
    minute.may_probe = minute.may_probe && (wishes.size() >= rank || !other.wants_more);
    wishes.push_back(wish(seen.recent, other.wants_more && same != other.keys.end()));
    minute.others_recent += seen.recent;
    minute.closed_until = std::max(minute.closed_until, now + seen.refused_for);
    shared.others_today += seen.today;
  }
  minute.rank = static_cast<std::uint32_t>(rank);
  minute.share = part_of(per_minute, std::move(wishes), wish(recent, wants_more), rank);
  shared.minute = minute;
  return shared;
}

}  // namespace stayler::policies
