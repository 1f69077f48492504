// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/provider/spending.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::policies {

/// How one coordinator stands with one API key.
struct peer_key {
  std::string id;
  std::uint32_t recent = 0;      ///< its calls of the last minute, refused ones left out
  std::uint32_t today = 0;       ///< its calls of the provider's day
  std::uint32_t per_minute = 0;  ///< the quota of all, as it knows it; 0: not at all
  std::uint64_t evidence = 0;    ///< refusals from which that was learnt, by whomever
  milliseconds refused_for{0};   ///< it was told to send nothing for so long

  friend bool operator==(const peer_key&, const peer_key&) = default;
};

/// What one coordinator's calls have cost, and may yet cost, on one day.
struct peer_account {
  std::string day;
  spending total;
  micro_dollars reserved = 0;
  struct user {
    std::string id;
    spending amount;
    micro_dollars reserved = 0;

    friend bool operator==(const user&, const user&) = default;
  };
  std::vector<user> users;  ///< those whose account changed last; at most a hundred

  friend bool operator==(const peer_account&, const peer_account&) = default;
};

/// What a coordinator shows the others, so that all together keep within one set of limits.
struct peer_record {
  std::string instance_id;  ///< which coordinator; they take turns by it
  std::vector<peer_key> keys;
  std::uint32_t in_flight = 0;
  std::uint32_t limit = 0;    ///< on calls in flight, of all, as it knows it
  std::uint64_t shrinks = 0;  ///< how often that limit shrank, by whomever's finding
  bool wants_more = false;    ///< it has more to do than it may
  peer_account account;
  std::uint32_t workers = 0;  ///< that have joined it

  friend bool operator==(const peer_record&, const peer_record&) = default;
};

/// As JSON, a few kilobytes at most.
std::string encode(const peer_record& record);

/// invalid_input for what is no such record; members that are not known are ignored, so that
/// coordinators of two versions get on with each other.
result<peer_record> decode_peer_record(std::string_view text);

}  // namespace stayler::policies
