// SPDX-License-Identifier: MIT
#pragma once

#include "messages/service/settings.hpp"

#include <span>
#include <string>

namespace stayler::app {

/// stayler-worker --new-encryption-key ID: prints a key for WORKER_ENCRYPTION_KEYS. The exit code:
/// 2 where the arguments are not these.
int make_new_encryption_key(std::span<const std::string> arguments);

/// stayler-worker --rekey: encrypts the stored images and results with the first of
/// WORKER_ENCRYPTION_KEYS, beside services that run or without; says how many. The exit code: 1
/// where a blob could not be read, which is named, or the store failed; 2 where there is no key.
int rekey(const settings& config);

}  // namespace stayler::app
