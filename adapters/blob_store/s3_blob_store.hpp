// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/blob_store/blob_store.hpp"
#include "adapters/s3/s3_client.hpp"

#include <memory>

namespace stayler::adapters {

/// Blobs as objects of an S3-compatible store; a blob's SHA-256 goes with it as metadata and is
/// checked when it is read. Large ones are sent in parts. Does not call the store: one that is away
/// now may be there later. Where the key may not list the bucket, what is not there is unavailable,
/// not not_found: S3 does not tell it from what is forbidden.
std::unique_ptr<blob_store> make_s3_blob_store(s3_options options);

}  // namespace stayler::adapters
