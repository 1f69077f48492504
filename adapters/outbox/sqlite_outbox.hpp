// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/outbox/outbox.hpp"
#include "adapters/sqlite/encrypted_rows.hpp"

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>

namespace stayler::adapters {

inline constexpr std::string_view sqlite_outbox_schema = "outbox";

/// What --rekey has to encrypt anew.
extern const std::array<encrypted_column, 2> encrypted_outbox_columns;

/// An outbox in one SQLite file, which may hold other schemas too; the file is created, or migrated
/// to this version's schema. Processes that share a file each start with all that is open in it.
/// Errors: as with open_sqlite_record_store.
result<std::unique_ptr<outbox>> open_sqlite_outbox(
    const std::filesystem::path& file, const encryption_keys& keys = {}
);

}  // namespace stayler::adapters
