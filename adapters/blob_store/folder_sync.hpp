// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace stayler::adapters {

/// Makes durable which files a folder has. Where its file system can do no such thing (some that
/// are shared with another system, and some in user space), this is said once in the log and counts
/// as done: the files themselves are durable. 0, or the error number.
int sync_folder(const std::filesystem::path& folder);

}  // namespace stayler::adapters
