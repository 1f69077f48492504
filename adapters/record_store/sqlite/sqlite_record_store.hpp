// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/record_store/record_store.hpp"

#include <filesystem>
#include <memory>

namespace stayler::adapters {

/// Records in one SQLite file (WAL, synchronous=FULL), which is created, or migrated to this
/// version's schema. Errors: unavailable with the path and SQLite's message; invalid_input where
/// the file is of a newer schema version, or the keys do not fit it. With keys its rows are
/// encrypted (sqlite_record_rows.hpp).
result<std::unique_ptr<record_store>> open_sqlite_record_store(
    const std::filesystem::path& file, const encryption_keys& keys = {}
);

}  // namespace stayler::adapters
