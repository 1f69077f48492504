// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/audit_trail.hpp"
#include "adapters/audit/file/chained_file.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace stayler::adapters {

/// Where a trail is kept, and for how long.
struct file_audit_options {
  std::filesystem::path file;
  std::string key;  ///< signs it
  audit_retention retention;
  milliseconds signing_pause{1'000};  ///< the longest time that a record is not in the signed head
};

/// Writes each record to the log and appends it to the file, as a JSON line of a chain
/// (audit_line.hpp). Several processes on this machine may share the file. A thread of its own
/// writes, soon after add(), and reads; the destructor waits until all is written and signed.
/// unavailable, invalid_input where the file cannot be used.
result<std::unique_ptr<audit_trail>> open_file_audit_trail(file_audit_options options);

}  // namespace stayler::adapters
