// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::actors {

struct image_library_options {
  blob_store_actor blobs;
  record_keeper_actor records;
  std::shared_ptr<adapters::wall_clock> clock;
  milliseconds timeout{30'000};  ///< for one step: a blob or a row
};

struct image_library_state {
  const char* name = "image_library";
  image_library_options options;
};

/// Keeps blobs and rows together: first the blobs, then the row that makes the image exist; where
/// the row fails, the blobs go again. Removal takes the row first. Spawn it detached: a checksum of
/// 20 MB takes tens of milliseconds.
image_library_actor::behavior_type image_library(
    image_library_actor::stateful_pointer<image_library_state> self, image_library_options options
);

}  // namespace stayler::actors
