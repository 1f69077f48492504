// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace stayler::adapters {

/// What has become of rows that were to be encrypted anew.
struct row_report {
  std::uint64_t seen = 0;       ///< contents; a row may have several
  std::uint64_t encrypted = 0;  ///< anew, with the current key
  std::uint64_t failed = 0;     ///< cannot be read: the key is missing, or it was changed

  row_report& operator+=(const row_report& more) {
    seen += more.seen;
    encrypted += more.encrypted;
    failed += more.failed;
    return *this;
  }
};

}  // namespace stayler::adapters
