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

/// For the library, whose own steps end sooner.
constexpr std::chrono::minutes fetch_timeout{2};

failure no_bytes() {
  return {error_class::invalid_input, "there are no image bytes", {}};
}

}  // namespace

void image_processor_state::start_calls() {
  while (under_way_.size() < options_.slots) {
    auto call = queue_.take();
    if (!call) {
      break;
    }
    const std::uint64_t number = ++last_number_;
    auto thread = thread_of<image_processor_impl>(
        self_, options_.codec, number, std::move(call->run), "the image codec has thrown: "
    );
    if (const auto started = options_.threads->start(std::move(thread)); !started) {
      codec_outcome outcome{started.error()};
      call->conclude(outcome);
      continue;
    }
    under_way_.emplace(number, std::move(*call));
  }
  start_fetches();
}

void image_processor_state::call_returned(std::uint64_t number, codec_outcome& outcome) {
  auto call = under_way_.extract(number);
  call.mapped().conclude(outcome);
  report_status();
  start_calls();
}

codec_status image_processor_state::report_status() {
  codec_status now = options_.codec->status();
  tell(options_.metrics, now);
  return now;
}

template <class Answer, class Run>
codec_call image_processor_state::make_call(Run run) {
  return make_pooled_call<Answer, adapters::image_codec, codec_outcome>(self_, std::move(run));
}

caf::result<sanitized_image> image_processor_state::sanitize(const shared_bytes& bytes) {
  if (bytes == nullptr) {
    return to_error(no_bytes());
  }
  if (queue_.uploads() >= options_.max_uploads) {
    return to_error(
        {error_class::unavailable, "too many pictures are waiting to be processed", retry_when_full}
    );
  }
  queue_.add_upload(make_call<sanitized_image>([bytes](adapters::image_codec& codec) {
    return codec.sanitize(bytes);
  }));
  start_calls();
  return caf::delegated<sanitized_image>{};
}

caf::result<finished_image> image_processor_state::finish(
    const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
) {
  if (bytes == nullptr) {
    return to_error(no_bytes());
  }
  queue_.add_result(make_call<finished_image>([bytes, format, inputs](adapters::image_codec& codec
                                              ) { return codec.finish(bytes, format, inputs); }));
  start_calls();
  return caf::delegated<finished_image>{};
}

caf::result<prepared_image> image_processor_state::prepare(const std::string& image) {
  return enqueue_source<prepared_image>(
      image,
      [](adapters::image_codec& codec, const fetched_source& source) {
        source_times times = source.times;
        times.codec_began = std::chrono::system_clock::now();
        auto prepared = codec.prepare(source.bytes);
        if (prepared) {
          prepared->times = times;
        }
        return prepared;
      }
  );
}

caf::result<finished_image> image_processor_state::transform(
    const std::string& image, const std::vector<image_operation>& operations
) {
  return enqueue_source<finished_image>(
      image,
      [operations](adapters::image_codec& codec, const fetched_source& source) {
        return codec.transform(source.bytes, operations);
      }
  );
}

template <class Answer, class Call>
caf::result<Answer> image_processor_state::enqueue_source(const std::string& image, Call call) {
  const auto source = std::make_shared<fetched_source>();
  const auto run = [source, call](adapters::image_codec& codec) { return call(codec, *source); };
  auto made = make_call<Answer>(run);
  to_fetch_.push_back({image, std::move(made), source});
  start_fetches();
  return caf::delegated<Answer>{};
}

void image_processor_state::start_fetches() {
  while (!to_fetch_.empty() && fetches_ < options_.max_fetches
         && queue_.source_bytes() < options_.max_source_bytes) {
    const auto task = std::make_shared<fetch_task>(std::move(to_fetch_.front()));
    to_fetch_.pop_front();
    ++fetches_;
    fetch(task);
  }
}

void image_processor_state::fetch(const std::shared_ptr<fetch_task>& task) {
  task->source->times.fetch_began = std::chrono::system_clock::now();
  const auto fetched = [this, task](const stored_image& image) {
    source_fetched(*task, image.bytes);
  };
  const auto failed = [this, task](const caf::error& error) { fetch_failed(*task, error); };
  if (is_image_url(task->image)) {
    self_->request(options_.library, fetch_timeout, download_atom_v, task->image)
        .then(fetched, failed);
  } else {
    self_->request(options_.library, fetch_timeout, fetch_atom_v, task->image)
        .then(fetched, failed);
  }
}

void image_processor_state::source_fetched(fetch_task& task, const shared_bytes& bytes) {
  if (bytes == nullptr) {
    fetch_failed(task, to_error(no_bytes()));
    return;
  }
  --fetches_;
  task.source->bytes = bytes;
  task.source->times.fetch_ended = std::chrono::system_clock::now();
  queue_.add_source(std::move(task.call), bytes->size());
  start_calls();
}

void image_processor_state::fetch_failed(fetch_task& task, const caf::error& error) {
  --fetches_;
  codec_outcome outcome{to_failure(error)};
  task.call.conclude(outcome);
  start_fetches();
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
