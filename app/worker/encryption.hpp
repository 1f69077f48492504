// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/blob_store/reencryption.hpp"
#include "messages/service/settings.hpp"

#include <span>
#include <string>

namespace stayler::app {

/// stayler-worker --new-encryption-key ID: prints a key for WORKER_ENCRYPTION_KEYS. The exit code:
/// 2 where the arguments are not these.
int make_new_encryption_key(std::span<const std::string> arguments);

/// stayler-worker --rekey: encrypts stored images, results, jobs, records and notifications with
/// the first of WORKER_ENCRYPTION_KEYS, beside services that run or without; says how many. The
/// exit code: 1 where something could not be read, which is named, or a store failed; 2 where there
/// is no key.
int rekey(const settings& config, adapters::current_blobs of_current);

}  // namespace stayler::app
