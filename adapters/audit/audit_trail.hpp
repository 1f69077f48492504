// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// One call of the API that changed something, or was meant to; or a sum of calls that were turned
/// away.
struct audit_record {
  timestamp at;        ///< of the answer
  std::string who;     ///< the caller's address
  std::string key;     ///< the name of the caller's API key, or empty
  std::string action;  ///< method and route: "DELETE /worker/jobs/{id}"
  std::string target;  ///< the id that it was about, several with commas, or empty
  std::string request_id;
  unsigned status = 0;         ///< of the answer
  std::string details = {};    ///< what has changed, from what to what, or empty
  std::uint64_t calls = 0;     ///< of a sum: how many; 0: the record is of one call
  std::uint64_t sequence = 0;  ///< its place in the trail, from 1 on; 0: it has none yet
};

/// How a call has ended.
enum class audit_outcome : std::uint8_t {
  succeeded,
  refused,  ///< 4xx: the caller's doing
  failed,   ///< 5xx
};

audit_outcome outcome_of(const audit_record& record) noexcept;

/// "succeeded", "refused" or "failed".
std::string_view to_string(audit_outcome outcome) noexcept;
std::optional<audit_outcome> parse_audit_outcome(std::string_view name) noexcept;

/// Which records; empty fields leave the choice open.
struct audit_query {
  timestamp since{};     ///< not set: from the oldest on
  timestamp before{};    ///< not set: up to now
  std::string actor{};   ///< the name of a key, or an address
  std::string action{};  ///< a part of it: "DELETE", "/worker/jobs"
  std::string target{};  ///< one of those that a record names
  std::string request_id{};
  std::optional<audit_outcome> outcome{};
  std::uint64_t below = 0;  ///< only places before this one: the page that follows; 0: the first
  std::uint32_t limit = 100;

  [[nodiscard]] bool wants(const audit_record& record) const;
};

/// A page of the trail, the newest first.
struct audit_page {
  std::vector<audit_record> records;
  std::uint64_t next = 0;    ///< `below` of the page that follows; 0: this one is the last
  std::uint64_t newest = 0;  ///< the place of the newest record of all
  std::string newest_hash;   ///< and its hash: who notes it elsewhere can tell a trail made anew
};

/// Takes audit records, from any thread. It never blocks and never fails: what cannot be kept is an
/// error in the log.
class audit_trail {
 public:
  virtual ~audit_trail() = default;

  virtual void add(const audit_record& record) = 0;

  /// Calls `answer` with what the query finds, on some thread. A page may have fewer records than
  /// its limit, or none, and still be followed by another. not_found where nothing is kept,
  /// unavailable.
  virtual void read(audit_query query, std::function<void(result<audit_page>)> answer);

  /// How many records could not be kept so far.
  [[nodiscard]] virtual std::uint64_t lost() const noexcept { return 0; }
};

}  // namespace stayler::adapters
