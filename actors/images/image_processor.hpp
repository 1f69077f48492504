// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/pooled_call.hpp"
#include "adapters/detached_threads/detached_threads.hpp"
#include "adapters/image_codec/image_codec.hpp"
#include "messages/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <variant>
#include <vector>

namespace stayler::actors {

struct image_processor_options {
  std::shared_ptr<adapters::image_codec> codec;  ///< used by several threads at the same time
  std::shared_ptr<adapters::detached_threads> threads;
  metrics_actor metrics;          ///< is told of calls that were abandoned
  std::size_t slots = 2;          ///< calls at a time; more than cores do not help
  std::size_t max_queue = 1'000;  ///< waiting requests; further ones are refused, `unavailable`
  milliseconds call_timeout{60'000};
  std::size_t max_lost_slots = 4;  ///< so many calls that never came back end the actor
};

/// What a call of the codec came to. Local to a process.
struct codec_outcome {
  std::variant<failure, sanitized_image, prepared_image, finished_image> content;
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

/// Has requests done by the codec, first come, first served, so many at a time. A call that does
/// not return in time is answered with `timeout` and abandoned: its slot is free again, its thread
/// lost. After `max_lost_slots` of these the actor ends with out_of_workers, as memory and the
/// codec's own bounds are lost with each. A codec that throws fails that request, internal_bug.
class image_processor_state {
 public:
  static inline const char* name = "image_processor";

  using pointer = image_processor_impl::stateful_pointer<image_processor_state>;
  using codec_call = pooled_call<adapters::image_codec, codec_outcome>;

  explicit image_processor_state(pointer self) : self_(self) {}

  image_processor_impl::behavior_type make_behavior(image_processor_options options);

  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  [[nodiscard]] std::size_t under_way() const { return under_way_.size(); }
  [[nodiscard]] std::size_t lost_slots() const { return lost_slots_; }

 private:
  caf::result<sanitized_image> sanitize(const shared_bytes& bytes);
  caf::result<prepared_image> prepare(const shared_bytes& bytes);
  caf::result<finished_image> finish(
      const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
  );
  caf::result<finished_image> transform(
      const shared_bytes& bytes, const std::vector<image_operation>& operations
  );

  /// Queues a request for these bytes. The call returns a result<Answer>.
  template <class Answer, class Call>
  caf::result<Answer> enqueue(const shared_bytes& bytes, Call call);
  void start_calls();
  void call_returned(std::uint64_t number, codec_outcome& outcome);
  void call_timed_out(std::uint64_t number);

  pointer self_;
  image_processor_options options_;
  std::deque<codec_call> queue_;
  std::map<std::uint64_t, codec_call> under_way_;  ///< one for each slot that is taken
  std::uint64_t last_number_ = 0;
  std::size_t lost_slots_ = 0;
};

image_processor_impl::behavior_type image_processor(
    image_processor_state::pointer self, image_processor_options options
);

}  // namespace stayler::actors
