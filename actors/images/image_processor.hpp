// SPDX-License-Identifier: MIT
#pragma once

#include "actors/images/codec_queue.hpp"
#include "adapters/detached_threads/detached_threads.hpp"
#include "adapters/image_codec/image_codec.hpp"
#include "messages/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace stayler::actors {

struct image_processor_options {
  std::shared_ptr<adapters::image_codec> codec;  ///< used by several threads at the same time
  std::shared_ptr<adapters::detached_threads> threads;
  metrics_actor metrics;            ///< is told how the codec's processes are
  image_library_actor library;      ///< has the pictures that jobs name
  std::size_t slots = 2;            ///< calls at a time: as many as the codec has processes
  std::size_t max_uploads = 1'000;  ///< that wait; further ones are refused, `unavailable`
  std::size_t max_fetches = 16;     ///< pictures on their way from the library at a time
  std::size_t max_source_bytes = 32UL << 20U;  ///< of fetched pictures that wait: from then on
                                               ///< nothing more is fetched
};

/// What the processor tells itself, beside its public interface.
using image_processor_impl = image_processor_actor::extend<
    /// The call of that number has returned.
    caf::reacts_to<finish_atom, std::uint64_t, codec_outcome>>;

/// Has requests done by the codec, so many at a time, in the order of codec_queue. However many
/// jobs wait, few of their pictures are in memory. The codec sees to it that each call returns. A
/// codec that throws fails that request, internal_bug.
class image_processor_state {
 public:
  static inline const char* name = "image_processor";

  using pointer = image_processor_impl::stateful_pointer<image_processor_state>;

  explicit image_processor_state(pointer self) : self_(self) {}

  image_processor_impl::behavior_type make_behavior(image_processor_options options);

  [[nodiscard]] std::size_t waiting() const { return to_fetch_.size() + fetches_ + queue_.size(); }
  [[nodiscard]] std::size_t under_way() const { return under_way_.size(); }

 private:
  /// A picture of the library's as the codec is given it.
  struct fetched_source {
    shared_bytes bytes;
    source_times times;
  };

  /// A call whose picture is still in the library.
  struct fetch_task {
    std::string image;
    codec_call call;
    std::shared_ptr<fetched_source> source;  ///< what the call takes
  };

  caf::result<sanitized_image> sanitize(const shared_bytes& bytes);
  caf::result<prepared_image> prepare(const std::string& image);
  caf::result<finished_image> finish(
      const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
  );
  caf::result<finished_image> transform(
      const std::string& image, const std::vector<image_operation>& operations
  );

  /// Takes over the answer to a request. `run` takes the codec and returns a result<Answer>.
  template <class Answer, class Run>
  codec_call make_call(Run run);

  /// The same for a picture of the library: `call` takes that, too.
  template <class Answer, class Call>
  caf::result<Answer> enqueue_source(const std::string& image, Call call);
  void start_fetches();
  void fetch(const std::shared_ptr<fetch_task>& task);
  void source_fetched(fetch_task& task, const shared_bytes& bytes);
  void fetch_failed(fetch_task& task, const caf::error& error);
  void start_calls();
  void call_returned(std::uint64_t number, codec_outcome& outcome);
  codec_status report_status();

  pointer self_;
  image_processor_options options_;
  codec_queue queue_;
  std::deque<fetch_task> to_fetch_;
  std::size_t fetches_ = 0;                        ///< under way
  std::map<std::uint64_t, codec_call> under_way_;  ///< one for each slot that is taken
  std::uint64_t last_number_ = 0;
};

image_processor_impl::behavior_type image_processor(
    image_processor_state::pointer self, image_processor_options options
);

}  // namespace stayler::actors
