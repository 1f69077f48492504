// SPDX-License-Identifier: MIT
#pragma once

#include "policies/provider/limits/learned_quota.hpp"
#include "policies/provider/sharing/peer_record.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// How coordinators that use the same provider divide its limits among themselves
// (docs/decisions/0019). Each decides by itself, from the same records and by the same rules, so
// that nobody has to be asked. `others` are the records of the other coordinators in the order of
// their names, and `rank` is this one's place among all.

namespace stayler::policies {

/// This coordinator's part of `limit`, the calls that all together may have in flight; nothing
/// where there are no others. `wants_more`: it has more to do than `in_flight` calls.
std::optional<std::uint32_t> share_calls(
    std::uint32_t limit,
    std::uint32_t in_flight,
    bool wants_more,
    const std::vector<peer_record>& others,
    std::size_t rank
);

/// One key's quotas, as this coordinator shares them with the others.
struct key_share {
  std::uint32_t others_today = 0;                ///< calls of the provider's day
  std::optional<learned_quota::sharing> minute;  ///< nothing where there are no others
};

/// Divides `per_minute`, the quota of that key. `recent`: this coordinator's calls of the last
/// minute.
key_share share_key(
    const std::string& key_id,
    std::uint32_t per_minute,
    std::uint32_t recent,
    bool wants_more,
    const std::vector<peer_record>& others,
    std::size_t rank,
    learned_quota::clock_time now
);

}  // namespace stayler::policies
