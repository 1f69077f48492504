// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/audit_trail.hpp"

#include <filesystem>
#include <memory>

namespace stayler::adapters {

/// Writes each record to the log and appends it to the file, as a JSON line by one write(), so that
/// several processes may share the file. A thread of its own writes, soon after add(); the
/// destructor waits until all is written. unavailable where the file cannot be opened.
result<std::unique_ptr<audit_trail>> open_file_audit_trail(const std::filesystem::path& file);

}  // namespace stayler::adapters
