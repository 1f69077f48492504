// SPDX-License-Identifier: MIT
#pragma once

// One entry of the folder cache as a file: a head with version, checksum, time and lengths, the
// texts, the picture. The checksum covers the entry's key too, so that a file in the wrong place
// does not pass for another's picture.

#include "adapters/encryption/encryption_keys.hpp"
#include "messages/base/result.hpp"
#include "messages/base/time.hpp"
#include "messages/provider/result_cache.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

namespace stayler::adapters {

/// The failure that an error of the file system stands for: unavailable.
failure cannot(
    const std::string& action, const std::filesystem::path& path, const std::error_code& why
);

/// The bytes that the entry's file will have.
std::uint64_t result_file_size(const cached_result& entry, const encryption_keys& keys);

/// Replaces the file as a whole, by way of the same name with a "~" behind it; encrypted where
/// there are keys. Not flushed: a torn file is recognized when it is read. unavailable, and nothing
/// is left of it.
void_result write_result_file(
    const std::filesystem::path& path,
    const encryption_keys& keys,
    const content_hash& key,
    const cached_result& entry,
    timestamp stored_at
);

/// The entry in that file; nothing where it is missing or not what was written under that key, or
/// its encryption key is missing. unavailable where the file cannot be opened now, which says
/// nothing about it.
result<std::optional<cached_result>> read_result_file(
    const std::filesystem::path& path, const encryption_keys& keys, const content_hash& key
);

/// When the entry of that key in that file was stored; nothing where head or length are wrong, or
/// cannot be decrypted. The rest of the file is not looked at.
std::optional<timestamp> read_stored_at(
    const std::filesystem::path& path, const encryption_keys& keys, const content_hash& key
);

/// Whose job the entry of that key in that file was made for; nothing where head or length are
/// wrong, or cannot be decrypted.
std::optional<std::string> read_owner(
    const std::filesystem::path& path, const encryption_keys& keys, const content_hash& key
);

}  // namespace stayler::adapters
