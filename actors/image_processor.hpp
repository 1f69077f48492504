// SPDX-License-Identifier: MIT
#pragma once

#include "actors/codec_worker.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace stayler::actors {

struct image_processor_options {
  std::shared_ptr<adapters::image_codec> codec;  ///< used by all workers at the same time
  std::size_t workers = 2;                       ///< threads; more than cores do not help
  std::size_t max_queue = 1'000;  ///< waiting requests; further ones are refused with `unavailable`
  bool detached_workers = true;   ///< false: on the scheduler, for deterministic tests
};

/// A request on its way through the pool.
struct codec_task {
  /// Sends the request to that worker. The answer, or the worker's death, frees the worker again.
  std::function<void(const codec_worker_actor&)> send;
};

struct codec_slot {
  codec_worker_actor worker;
  bool is_busy = false;
};

struct image_processor_state {
  const char* name = "image_processor";
  image_processor_options options;
  std::vector<codec_slot> slots;
  std::deque<std::shared_ptr<codec_task>> queue;

  image_processor_state() = default;
  image_processor_state(const image_processor_state&) = delete;
  image_processor_state& operator=(const image_processor_state&) = delete;
  ~image_processor_state();
};

/// Hands requests to its codec workers, one at a time to each, first come, first served. A worker
/// that dies is replaced; the request that it was working on fails, no other does.
image_processor_actor::behavior_type image_processor(
    image_processor_actor::stateful_pointer<image_processor_state> self,
    image_processor_options options
);

}  // namespace stayler::actors
