// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/file/audit_files.hpp"
#include "adapters/audit/file/audit_line.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// What a look at each record of a trail has found.
struct audit_verdict {
  std::uint64_t records = 0;  ///< that are as they were written, from the oldest one on
  audit_link last;            ///< the last of these
  std::string flaw;           ///< the first record that is not, and what is wrong; empty: all are
};

/// Looks whether a record was changed, removed, moved or added, and whether the trail ends where
/// its signed head says, or later; what the service itself once found not whole is a flaw as well.
/// What the service writes meanwhile is not looked at. not_found
/// where there is no trail, unavailable.
result<audit_verdict> verify_audit(const audit_files& files, std::string_view key);

}  // namespace stayler::adapters
