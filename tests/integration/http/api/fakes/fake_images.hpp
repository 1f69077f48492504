// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"
#include "tests/integration/http/api/fakes/fake_records.hpp"

#include <caf/all.hpp>

#include <cstddef>
#include <memory>

namespace stayler::test {

/// What is at that place in the image "bytes-1000", or of another size.
constexpr std::byte pattern_at(std::size_t place) {
  return static_cast<std::byte>(place % 251);
}

/// Keeps images in memory, whose rows are in `rows`.
image_library_actor spawn_fake_library(
    caf::actor_system& system, const std::shared_ptr<fake_rows>& rows
);

/// The blobs of that library, whose keys are the ids of the images.
blob_store_actor spawn_fake_blobs(caf::actor_system& system, const image_library_actor& library);

/// Takes all for a picture that has at least 18 bytes.
image_processor_actor spawn_fake_processor(caf::actor_system& system);

}  // namespace stayler::test
