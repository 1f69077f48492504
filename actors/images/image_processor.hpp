// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/detached_threads/detached_threads.hpp"
#include "adapters/image_codec/image_codec.hpp"
#include "messages/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <variant>

namespace stayler::actors {

struct image_processor_options {
  std::shared_ptr<adapters::image_codec> codec;  ///< used by several threads at the same time
  std::shared_ptr<adapters::detached_threads> threads;
  metrics_actor metrics;          ///< hears of calls that were written off
  std::size_t slots = 2;          ///< calls at a time; more than cores do not help
  std::size_t max_queue = 1'000;  ///< waiting requests; further ones are refused, `unavailable`
  milliseconds call_timeout{60'000};
  std::size_t max_lost_slots = 4;  ///< so many calls that never came back end the actor
};

/// What a call of the codec came to. Local to a process.
struct codec_outcome {
  std::variant<failure, image_info, prepared_image, finished_image> content;
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::codec_outcome)

namespace stayler::actors {

/// What the processor tells itself, beside its public interface. The numbers name calls.
using image_processor_impl = image_processor_actor::extend<
    /// That call has returned.
    caf::reacts_to<finish_atom, std::uint64_t, codec_outcome>,
    /// That call has had its time.
    caf::reacts_to<caf::tick_atom, std::uint64_t>>;

/// Gives the answer to one request; dropped, it is `unavailable`.
using codec_answer = std::function<void(codec_outcome&)>;

/// A request that waits for a slot.
struct codec_task {
  std::function<codec_outcome(adapters::image_codec&)> call;  ///< made on a thread of its own
  codec_answer answer;                                        ///< given by the actor
};

struct image_processor_state {
  const char* name = "image_processor";
  image_processor_options options;
  std::deque<codec_task> queue;
  std::map<std::uint64_t, codec_answer> under_way;  ///< one for each slot that is taken
  std::uint64_t last_number = 0;
  std::size_t lost_slots = 0;
};

/// Has requests done by the codec, first come, first served, so many at a time. A call that does
/// not return in time is answered with `timeout` and written off: its slot is free again, its
/// thread lost. After `max_lost_slots` of these the actor ends with out_of_workers, as memory and
/// the codec's own bounds are lost with each. A codec that throws fails that request, internal_bug.
image_processor_impl::behavior_type image_processor(
    image_processor_impl::stateful_pointer<image_processor_state> self,
    image_processor_options options
);

}  // namespace stayler::actors
