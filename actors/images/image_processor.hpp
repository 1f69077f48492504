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
  metrics_actor metrics;          ///< is told how the codec's processes are
  std::size_t slots = 2;          ///< calls at a time: as many as the codec has processes
  std::size_t max_queue = 1'000;  ///< waiting requests; further ones are refused, `unavailable`
};

/// What a call of the codec came to. Local to a process.
struct codec_outcome {
  std::variant<failure, sanitized_image, prepared_image, finished_image> content;
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::codec_outcome)

namespace stayler::actors {

/// What the processor tells itself, beside its public interface.
using image_processor_impl = image_processor_actor::extend<
    /// The call of that number has returned.
    caf::reacts_to<finish_atom, std::uint64_t, codec_outcome>>;

/// Has requests done by the codec, first come, first served, so many at a time. The codec sees to
/// it that each call returns. A codec that throws fails that request, internal_bug.
class image_processor_state {
 public:
  static inline const char* name = "image_processor";

  using pointer = image_processor_impl::stateful_pointer<image_processor_state>;
  using codec_call = pooled_call<adapters::image_codec, codec_outcome>;

  explicit image_processor_state(pointer self) : self_(self) {}

  image_processor_impl::behavior_type make_behavior(image_processor_options options);

  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  [[nodiscard]] std::size_t under_way() const { return under_way_.size(); }

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
  codec_status report_status();

  pointer self_;
  image_processor_options options_;
  std::deque<codec_call> queue_;
  std::map<std::uint64_t, codec_call> under_way_;  ///< one for each slot that is taken
  std::uint64_t last_number_ = 0;
};

image_processor_impl::behavior_type image_processor(
    image_processor_state::pointer self, image_processor_options options
);

}  // namespace stayler::actors
