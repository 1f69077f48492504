// SPDX-License-Identifier: MIT
#include "actors/images/image_processor.hpp"

#include "actors/support/reply_promise.hpp"
#include "actors/supervision/supervised.hpp"
#include "adapters/log/log.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::images};

using self_pointer = image_processor_impl::stateful_pointer<image_processor_state>;

constexpr std::chrono::seconds retry_when_full{1};

failure describe(const std::exception_ptr& thrown) {
  failure bug = to_failure(to_error(thrown));
  bug.message = "the image codec has thrown: " + bug.message;
  return bug;
}

/// What the thread runs. It holds the actor weakly and none of its state: it may come back long
/// after both are gone, or never.
std::function<void()> make_call(
    self_pointer self,
    std::uint64_t number,
    std::function<codec_outcome(adapters::image_codec&)> call
) {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(self), codec = self->state.options.codec,
          number, call = std::move(call)] {
    codec_outcome outcome;
    try {
      outcome = call(*codec);
    } catch (...) {
      outcome = {describe(std::current_exception())};
    }
    if (const auto strong = weak.lock()) {
      caf::anon_send(
          caf::actor_cast<image_processor_impl>(strong), finish_atom_v, number, std::move(outcome)
      );
    }
  };
}

void dispatch(self_pointer self) {
  auto& state = self->state;
  while (!state.queue.empty() && state.under_way.size() < state.options.slots) {
    codec_task task = std::move(state.queue.front());
    state.queue.pop_front();
    const std::uint64_t number = ++state.last_number;
    const auto started =
        state.options.threads->start(make_call(self, number, std::move(task.call)));
    if (!started) {
      codec_outcome outcome{started.error()};
      task.answer(outcome);
      continue;
    }
    state.under_way.emplace(number, std::move(task.answer));
    self->delayed_send(self, state.options.call_timeout, caf::tick_atom_v, number);
  }
}

void finish(self_pointer self, std::uint64_t number, codec_outcome& outcome) {
  auto call = self->state.under_way.extract(number);
  if (call.empty()) {
    return;  // it was written off
  }
  call.mapped()(outcome);
  dispatch(self);
}

void time_out(self_pointer self, std::uint64_t number) {
  auto& state = self->state;
  auto call = state.under_way.extract(number);
  if (call.empty()) {
    return;  // it has returned in time
  }
  const std::string limit = format_duration(state.options.call_timeout);
  codec_outcome outcome{
      failure{error_class::timeout, "the image library has not come back within " + limit, {}}};
  call.mapped()(outcome);
  ++state.lost_slots;
  caf::anon_send(state.options.metrics, lost_slot_event{});
  log.error(
      "a call of the image library has not returned, its thread is lost",
      {{"after", limit}, {"lost", state.lost_slots}, {"most", state.options.max_lost_slots}}
  );
  if (state.lost_slots >= state.options.max_lost_slots) {
    self->quit(caf::exit_reason::out_of_workers);
    return;
  }
  dispatch(self);
}

/// Queues a request for these bytes. The call makes a result<Answer>.
template <class Answer, class Call>
caf::result<Answer> accept(self_pointer self, const shared_bytes& bytes, Call call) {
  if (bytes == nullptr) {
    return to_error({error_class::invalid_input, "there are no image bytes", {}});
  }
  if (self->state.queue.size() >= self->state.options.max_queue) {
    return to_error(
        {error_class::unavailable, "too many pictures are waiting to be processed", retry_when_full}
    );
  }
  codec_task task;
  task.call = [call = std::move(call)](adapters::image_codec& codec) {
    result<Answer> made = call(codec);
    return made ? codec_outcome{std::move(*made)} : codec_outcome{std::move(made.error())};
  };
  task.answer = [answer = make_shared_reply_promise<Answer>(self)](codec_outcome& outcome) {
    if (const auto* error = std::get_if<failure>(&outcome.content)) {
      answer->fail(*error);
    } else {
      answer->deliver(std::move(std::get<Answer>(outcome.content)));
    }
  };
  self->state.queue.push_back(std::move(task));
  dispatch(self);
  return caf::delegated<Answer>{};
}

}  // namespace

image_processor_impl::behavior_type image_processor(
    self_pointer self, image_processor_options options
) {
  using adapters::image_codec;
  install_supervision(self);
  self->state.options = std::move(options);
  return {
      [self](examine_atom, const shared_bytes& bytes) {
        return accept<image_info>(self, bytes, [bytes](image_codec& codec) {
          return codec.examine(*bytes);
        });
      },
      [self](prepare_atom, const shared_bytes& bytes) {
        return accept<prepared_image>(self, bytes, [bytes](image_codec& codec) {
          return codec.prepare(bytes);
        });
      },
      [self](
          finish_atom, const shared_bytes& bytes, image_format format,
          const std::vector<image_signature>& inputs
      ) {
        return accept<finished_image>(self, bytes, [bytes, format, inputs](image_codec& codec) {
          return codec.finish(bytes, format, inputs);
        });
      },
      [self](
          transform_atom, const shared_bytes& bytes, const std::vector<image_operation>& operations
      ) {
        return accept<finished_image>(self, bytes, [bytes, operations](image_codec& codec) {
          return codec.transform(bytes, operations);
        });
      },
      [self](finish_atom, std::uint64_t number, codec_outcome& outcome) {
        finish(self, number, outcome);
      },
      [self](caf::tick_atom, std::uint64_t number) { time_out(self, number); },
  };
}

}  // namespace stayler::actors
