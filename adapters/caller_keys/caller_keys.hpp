// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// What a key may do. Each role includes those before it.
enum class caller_role : std::uint8_t {
  viewer,     ///< look
  submitter,  ///< and hand in jobs and images
  admin,      ///< and everything else
};

std::string_view to_string(caller_role role) noexcept;

/// How many calls a key may make, where that differs from what all others may.
struct call_rate {
  double per_second = 0;
  double burst = 1;  ///< at once, after a pause

  friend bool operator==(const call_rate&, const call_rate&) = default;
};

/// One key of the API, as it is configured: by its SHA-256, never by itself.
struct caller_key {
  std::string name;  ///< for logs and the audit trail
  caller_role role = caller_role::viewer;
  std::array<std::uint8_t, 32> hash{};
  std::vector<std::string> users;  ///< whose jobs and images it is for; none: all users'
  std::optional<call_rate> rate;   ///< none: WORKER_RATE_LIMIT

  friend bool operator==(const caller_key&, const caller_key&) = default;
};

/// What WORKER_API_KEYS says: NAME:ROLE:SHA256[:USER[+USER...]][:rate=PER_SECOND[/BURST]],
/// separated by commas or line ends. In a user's id + , % and blanks are percent-encoded
/// ("ann%2Btest@example.com"), and other characters may be. A burst that is not given is two
/// seconds' worth. invalid_input with the number of the first entry that is malformed, and what is
/// wrong with it, or that has the name or the hash of another; it quotes nothing.
result<std::vector<caller_key>> parse_caller_keys(std::string_view text);

/// The key whose hash is the presented one's, or null. The time it takes does not tell how much of
/// a hash was right.
const caller_key* find_caller_key(std::span<const caller_key> keys, std::string_view presented);

}  // namespace stayler::adapters
