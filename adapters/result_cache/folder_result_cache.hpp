// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/result_cache/result_cache.hpp"

#include <filesystem>
#include <memory>

namespace stayler::adapters {

/// Entries as files under a folder, which is created; a file's time of change is that of its last
/// use. What earlier processes left there is taken over, half-written files are removed. The folder
/// belongs to one process. With keys entries are encrypted, and those that these cannot decrypt are
/// removed. unavailable where it cannot be made or listed.
result<std::unique_ptr<result_cache>> open_folder_result_cache(
    const std::filesystem::path& root,
    const result_cache_limits& limits,
    std::shared_ptr<const wall_clock> clock,
    encryption_keys keys = {}
);

}  // namespace stayler::adapters
