// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/image_codec.hpp"

#include <cstddef>
#include <memory>

namespace stayler::adapters {

/// A codec that prepares a picture once, as long as it is among those used last: a garment is tried
/// on by many users, and a user tries many garments. All else is done by `codec`. Keeps up to
/// `max_bytes` of prepared pictures in memory, found by the SHA-256 of their source; failures are
/// not kept. Two calls with the same picture at the same time both prepare it.
std::unique_ptr<image_codec> make_caching_image_codec(
    std::unique_ptr<image_codec> codec, std::size_t max_bytes
);

}  // namespace stayler::adapters
