// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/encryption/row_report.hpp"
#include "adapters/outbox/outbox.hpp"
#include "adapters/postgres/postgres_url.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace stayler::adapters {

struct postgres_outbox_options {
  postgres_options server;
  std::string instance_id;           ///< of this process
  milliseconds claim_time{30'000};   ///< by the server's clock; list_open renews it
  std::size_t max_claimed = 10'000;  ///< open entries that one process has at most by list_open
  encryption_keys keys{};            ///< with which bodies and errors are encrypted, if any
};

/// An outbox in PostgreSQL that several processes share. An open entry belongs to one of them: to
/// the one that has added it, and, when that has not renewed its claim in time, to the first that
/// lists what is open. Errors: as migrate_postgres.
result<std::unique_ptr<outbox>> open_postgres_outbox(const postgres_outbox_options& options);

/// Encrypts with the current one of `options.keys` what the outbox has under an earlier one or,
/// where they take that, as it is; beside processes that use it. Everything is decrypted, and
/// thereby checked; `on_failure` is told of what cannot be read, and stays as it is.
result<row_report> reencrypt_postgres_outbox(
    const postgres_outbox_options& options,
    const std::function<void(const failure& why)>& on_failure
);

}  // namespace stayler::adapters
