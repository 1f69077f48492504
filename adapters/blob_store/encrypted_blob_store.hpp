// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/blob_store/blob_store.hpp"
#include "adapters/encryption/encryption_keys.hpp"

#include <memory>

namespace stayler::adapters {

/// A store that keeps what it is given encrypted in another (adapters/encryption), or, without
/// keys, as it is. Blobs that are not encrypted are read where the keys say so. Besides a store's
/// own failures: internal_bug for a blob that is not what was stored under its key, of which
/// nothing is given out and which the log names; unavailable for one whose encryption key is
/// missing.
std::unique_ptr<blob_store> make_encrypted_blob_store(
    std::unique_ptr<blob_store> inner, encryption_keys keys
);

}  // namespace stayler::adapters
