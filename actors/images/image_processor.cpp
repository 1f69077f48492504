// SPDX-License-Identifier: MIT
#include "actors/images/image_processor.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"
#include "actors/support/tell.hpp"

#include <chrono>
#include <utility>

namespace stayler::actors {

namespace {

constexpr std::chrono::seconds retry_when_full{1};

}  // namespace

void image_processor_state::start_calls() {
  while (!queue_.empty() && under_way_.size() < options_.slots) {
    codec_call call = std::move(queue_.front());
    queue_.pop_front();
    const std::uint64_t number = ++last_number_;
    auto thread = thread_of<image_processor_impl>(
        self_, options_.codec, number, std::move(call.run), "the image codec has thrown: "
    );
    if (const auto started = options_.threads->start(std::move(thread)); !started) {
      codec_outcome outcome{started.error()};
      call.conclude(outcome);
      continue;
    }
    under_way_.emplace(number, std::move(call));
  }
}

void image_processor_state::call_returned(std::uint64_t number, codec_outcome& outcome) {
  auto call = under_way_.extract(number);
  call.mapped().conclude(outcome);
  report_status();
  start_calls();
}

codec_status image_processor_state::report_status() {
  const codec_status now = options_.codec->status();
  tell(options_.metrics, now);
  return now;
}

template <class Answer, class Call>
caf::result<Answer> image_processor_state::enqueue(const shared_bytes& bytes, Call call) {
  if (bytes == nullptr) {
    return to_error({error_class::invalid_input, "there are no image bytes", {}});
  }
  if (queue_.size() >= options_.max_queue) {
    return to_error(
        {error_class::unavailable, "too many pictures are waiting to be processed", retry_when_full}
    );
  }
  queue_.push_back(
      make_pooled_call<Answer, adapters::image_codec, codec_outcome>(self_, std::move(call))
  );
  start_calls();
  return caf::delegated<Answer>{};
}

caf::result<sanitized_image> image_processor_state::sanitize(const shared_bytes& bytes) {
  return enqueue<sanitized_image>(bytes, [bytes](adapters::image_codec& codec) {
    return codec.sanitize(bytes);
  });
}

caf::result<prepared_image> image_processor_state::prepare(const shared_bytes& bytes) {
  return enqueue<prepared_image>(bytes, [bytes](adapters::image_codec& codec) {
    return codec.prepare(bytes);
  });
}

caf::result<finished_image> image_processor_state::finish(
    const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
) {
  return enqueue<finished_image>(bytes, [bytes, format, inputs](adapters::image_codec& codec) {
    return codec.finish(bytes, format, inputs);
  });
}

caf::result<finished_image> image_processor_state::transform(
    const shared_bytes& bytes, const std::vector<image_operation>& operations
) {
  return enqueue<finished_image>(bytes, [bytes, operations](adapters::image_codec& codec) {
    return codec.transform(bytes, operations);
  });
}

image_processor_impl::behavior_type image_processor_state::make_behavior(
    image_processor_options options
) {
  install_supervision(self_);
  options_ = std::move(options);
  report_status();
  using self = image_processor_state;
  return {
      handle<sanitize_atom>(*this, &self::sanitize),
      handle<prepare_atom>(*this, &self::prepare),
      handle<finish_atom>(*this, &self::finish),
      handle<transform_atom>(*this, &self::transform),
      handle<status_atom>(*this, &self::report_status),
      handle<finish_atom>(*this, &self::call_returned),
  };
}

image_processor_impl::behavior_type image_processor(
    image_processor_state::pointer self, image_processor_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
