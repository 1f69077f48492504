// SPDX-License-Identifier: MIT
#include "actors/image_processor.hpp"

#include "actors/answer.hpp"
#include "actors/supervised.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace stayler::actors {

namespace {

using self_pointer = image_processor_actor::stateful_pointer<image_processor_state>;

constexpr std::chrono::seconds retry_when_full{1};

codec_worker_actor spawn_worker(self_pointer self) {
  const auto& options = self->state.options;
  auto worker = options.detached_workers ? self->spawn<caf::detached>(codec_worker, options.codec)
                                         : self->spawn(codec_worker, options.codec);
  self->monitor(worker);
  return worker;
}

void dispatch(self_pointer self) {
  auto& queue = self->state.queue;
  for (auto& slot : self->state.slots) {
    if (queue.empty()) {
      return;
    }
    if (!slot.is_busy) {
      slot.is_busy = true;
      const auto task = std::move(queue.front());
      queue.pop_front();
      task->send(slot.worker);
    }
  }
}

/// The worker has answered; it may have been replaced since.
void release(self_pointer self, const codec_worker_actor& worker) {
  for (auto& slot : self->state.slots) {
    if (slot.worker == worker) {
      slot.is_busy = false;
    }
  }
  dispatch(self);
}

void replace(self_pointer self, const caf::actor_addr& dead) {
  for (auto& slot : self->state.slots) {
    if (slot.worker.address() == dead) {
      slot = {spawn_worker(self), false};
    }
  }
  dispatch(self);
}

/// The worker was dead before it saw the request: it is another's turn. The slot stays taken until
/// the down message of the worker arrives.
void put_back(self_pointer self, std::shared_ptr<codec_task> task) {
  self->state.queue.push_front(std::move(task));
  dispatch(self);
}

template <class Answer, class... Args>
std::shared_ptr<codec_task> make_task(self_pointer self, const Args&... args) {
  auto task = std::make_shared<codec_task>();
  auto answer = std::make_shared<owed_answer<Answer>>(owe_answer<Answer>(self));
  // The response handlers hold the task while a worker has it, and the queue before that: so the
  // answer is given even if this actor ends, and there is no cycle.
  task->send = [self, answer, args...,
                weak = std::weak_ptr{task}](const codec_worker_actor& worker) {
    self->request(worker, caf::infinite, args...)
        .then(
            [self, answer, worker](Answer& value) {
              answer->give(std::move(value));
              release(self, worker);
            },
            [self, answer, worker, task = weak.lock()](caf::error& error) {
              if (error == caf::sec::request_receiver_down) {
                put_back(self, task);
                return;
              }
              answer->fail(std::move(error));
              release(self, worker);
            }
        );
  };
  return task;
}

template <class Answer, class... Args>
caf::result<Answer> accept(self_pointer self, const Args&... args) {
  if (self->state.queue.size() >= self->state.options.max_queue) {
    return to_error(
        {error_class::unavailable, "too many pictures are waiting to be processed", retry_when_full}
    );
  }
  self->state.queue.push_back(make_task<Answer>(self, args...));
  dispatch(self);
  return caf::delegated<Answer>{};
}

}  // namespace

image_processor_state::~image_processor_state() {
  for (const auto& slot : slots) {
    caf::anon_send_exit(slot.worker, caf::exit_reason::user_shutdown);
  }
}

image_processor_actor::behavior_type image_processor(
    self_pointer self, image_processor_options options
) {
  be_supervised(self);
  self->state.options = std::move(options);
  for (std::size_t i = 0; i < self->state.options.workers; ++i) {
    self->state.slots.push_back({spawn_worker(self), false});
  }
  self->set_down_handler([self](const caf::down_msg& down) { replace(self, down.source); });
  return {
      [self](examine_atom what, const shared_bytes& bytes) {
        return accept<image_info>(self, what, bytes);
      },
      [self](prepare_atom what, const shared_bytes& bytes) {
        return accept<encoded_image>(self, what, bytes);
      },
      [self](finish_atom what, const shared_bytes& bytes, image_format format) {
        return accept<finished_image>(self, what, bytes, format);
      },
      [self](
          transform_atom what, const shared_bytes& bytes,
          const std::vector<image_operation>& operations
      ) { return accept<finished_image>(self, what, bytes, operations); },
  };
}

}  // namespace stayler::actors
