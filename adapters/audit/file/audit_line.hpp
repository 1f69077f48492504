// SPDX-License-Identifier: MIT
#pragma once

// One record as a line of the trail's file: a JSON object whose last two members are its hash and
// its signature. The hash is SHA-256 over the hash of the record before it, a line feed, and the
// record's canonical form, which is the line as it stands without these two members. The signature
// is HMAC-SHA256 of the hash.

#include "adapters/audit/audit_trail.hpp"
#include "messages/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// The action of the records that tell of a trail that was not whole.
inline constexpr std::string_view finding_action = "found the audit trail not whole";

/// Where a chain stands: what the next record goes on from.
struct audit_link {
  std::uint64_t sequence = 0;               ///< of the last record; 0: there is none yet
  std::string hash = std::string(64, '0');  ///< of it, 64 hex digits

  friend bool operator==(const audit_link&, const audit_link&) = default;
};

/// A record as the next line of the chain, without a line end; `link` is that of this record then.
std::string seal(const audit_record& record, audit_link& link, std::string_view key);

/// A line taken apart, not checked.
struct sealed_line {
  std::string canonical;
  std::string hash;
  std::string signature;
  std::uint64_t sequence = 0;

  /// The hash that it has to have behind that one.
  [[nodiscard]] std::string hash_behind(std::string_view previous) const;
};

/// Nothing where the line is none that seal() makes.
std::optional<sealed_line> split_line(std::string_view line);

/// The record of a line; nothing where it is none.
std::optional<audit_record> read_record(std::string_view line);

}  // namespace stayler::adapters
