// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/outbox/outbox.hpp"

#include <filesystem>
#include <memory>

namespace stayler::adapters {

/// An outbox in one SQLite file, which may hold other schemas too; the file is created, or migrated
/// to this version's schema. Processes that share a file each start with all that is open in it.
/// Errors: as with open_sqlite_record_store.
result<std::unique_ptr<outbox>> open_sqlite_outbox(const std::filesystem::path& file);

}  // namespace stayler::adapters
