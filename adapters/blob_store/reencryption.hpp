// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/blob_store/blob_store.hpp"
#include "adapters/encryption/encryption_keys.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace stayler::adapters {

/// What has become of the blobs of a store.
struct reencryption_report {
  std::uint64_t seen = 0;
  std::uint64_t encrypted = 0;  ///< anew, with the current key
  std::uint64_t gone = 0;       ///< removed or replaced meanwhile: nothing was left to do
  std::uint64_t failed = 0;  ///< cannot be read: the key is missing, or it is not what was stored
};

/// What is done about blobs that are encrypted with the current key.
enum class current_blobs : std::uint8_t {
  passed_over,
  checked,  ///< decrypted; those that cannot be are told to `on_failure`
};

/// Encrypts with the current key all blobs of `store`, which is the one behind the encrypting
/// store, that are not yet: those of earlier keys and, where the keys take these, those that are
/// not encrypted. May run beside services that have all these keys, be ended at any time and begin
/// again: each blob is the old or the new one, and none that is removed meanwhile comes back.
/// `on_failure` is told of each blob that stays as it is. The first failure of the store itself
/// ends it.
result<reencryption_report> reencrypt(
    blob_store& store,
    const encryption_keys& keys,
    current_blobs of_current,
    const std::function<void(const failure& why)>& on_failure
);

}  // namespace stayler::adapters
