// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "adapters/image_source/image_source.hpp"
#include "messages/protocol.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace stayler::actors {

struct image_library_options {
  blob_store_actor blobs;
  image_records_actor records;
  std::shared_ptr<adapters::wall_clock> clock;
  milliseconds timeout{30'000};                   ///< for one step: a blob or a row
  std::shared_ptr<adapters::image_source> web{};  ///< null: no picture is fetched from a URL
};

/// What the fetching of a URL came to. Local to a process.
struct download_outcome {
  result<encoded_image> content;
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::download_outcome)

namespace stayler::actors {

/// What the library tells itself, beside its public interface.
using image_library_impl = image_library_actor::extend<
    /// The download of that number has ended.
    caf::reacts_to<finish_atom, std::uint64_t, download_outcome>>;

struct image_library_state {
  const char* name = "image_library";
  image_library_options options;
  std::map<std::uint64_t, std::function<void(const download_outcome&)>> downloads;
  std::uint64_t last_number = 0;
};

/// Keeps blobs and rows together: first the blobs, then the row that makes the image exist; where
/// the row fails, the blobs go again. Removal takes the row first. Spawn it detached: a checksum of
/// 20 MB takes tens of milliseconds.
image_library_impl::behavior_type image_library(
    image_library_impl::stateful_pointer<image_library_state> self, image_library_options options
);

}  // namespace stayler::actors
