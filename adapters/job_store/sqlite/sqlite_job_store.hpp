// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/job_store/job_store.hpp"
#include "messages/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace stayler::adapters {

struct sqlite_job_store_options {
  /// What a batch that was answered survives.
  enum class durability : std::uint8_t {
    full,    ///< the loss of power: each batch waits for the disk
    normal,  ///< the end of the process, also by kill -9; the loss of power may cost the last
             ///< batches
  };

  durability synchronous = durability::full;
  /// How long a batch waits for another connection that writes to the same file.
  milliseconds busy_timeout{5'000};
  /// What jobs are encrypted with, where there are any (sqlite_job_encryption.hpp).
  encryption_keys keys{};
};

/// A store in one SQLite file, which may hold other schemas as well; made where it is missing,
/// brought up to date where it is of an older version. Each batch is one transaction: where the
/// disk is full, fails or stays locked, every reply is `unavailable`, nothing has changed, and the
/// next batch tries anew. One process at a time may have it open, by a lock beside the file; so
/// leases that it holds when it is opened have run out: their process is gone. Errors: unavailable;
/// conflict where another process has it open; invalid_input where a newer version has written it,
/// or the keys do not fit it.
result<std::unique_ptr<job_store>> open_sqlite_job_store(
    const std::filesystem::path& file, const sqlite_job_store_options& options = {}
);

}  // namespace stayler::adapters
