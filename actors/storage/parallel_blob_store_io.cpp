// SPDX-License-Identifier: MIT
#include "actors/storage/parallel_blob_store_io.hpp"

#include "actors/support/reply_promise.hpp"
#include "actors/supervision/supervised.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace stayler::actors {

namespace {

using self_pointer = parallel_blob_store_impl::stateful_pointer<parallel_blob_store_state>;

/// No blob has this key. Probes wait for one another: behind a store that hangs they would pile up.
constexpr const char* probe_key = "~probe";

constexpr milliseconds retry_when_full{1'000};

/// What the thread runs. It holds the actor weakly and none of its state: it may come back after
/// both are gone.
std::function<void()> make_call(self_pointer self, std::uint64_t number, const blob_task& task) {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(self), store = self->state.options.store,
          number, call = task.call] {
    blob_outcome outcome;
    try {
      outcome = call(*store);
    } catch (...) {
      outcome = {to_failure(to_error(std::current_exception()))};
    }
    if (const auto strong = weak.lock()) {
      caf::anon_send(
          caf::actor_cast<parallel_blob_store_impl>(strong), finish_atom_v, number,
          std::move(outcome)
      );
    }
  };
}

void start(self_pointer self, blob_task task) {
  auto& state = self->state;
  const std::uint64_t number = ++state.last_number;
  if (const auto started = state.options.threads->start(make_call(self, number, task)); !started) {
    blob_outcome outcome{started.error()};
    task.answer(outcome);
    return;
  }
  state.busy_keys.insert(task.key);
  state.under_way.emplace(number, std::move(task));
}

/// Starts what there is room for: the first whose key is not in use, then the next.
void dispatch(self_pointer self) {
  auto& state = self->state;
  auto next = state.queue.begin();
  while (next != state.queue.end() && state.under_way.size() < state.options.slots) {
    if (state.busy_keys.contains(next->key)) {
      ++next;
    } else {
      blob_task task = std::move(*next);
      next = state.queue.erase(next);
      start(self, std::move(task));
    }
  }
}

void finish(self_pointer self, std::uint64_t number, blob_outcome& outcome) {
  auto call = self->state.under_way.extract(number);
  self->state.busy_keys.erase(call.mapped().key);
  call.mapped().answer(outcome);
  dispatch(self);
}

/// Queues a request about that key. The call makes a result<Answer>.
template <class Answer, class Call>
caf::result<Answer> accept(self_pointer self, const std::string& key, Call call) {
  if (self->state.queue.size() >= self->state.options.max_queue) {
    return to_error(
        {error_class::unavailable, "too many calls wait for the image store", retry_when_full}
    );
  }
  blob_task task;
  task.key = key;
  task.call = [call = std::move(call)](adapters::blob_store& store) {
    result<Answer> made = call(store);
    return made ? blob_outcome{std::move(*made)} : blob_outcome{std::move(made.error())};
  };
  task.answer = [answer = make_shared_reply_promise<Answer>(self)](blob_outcome& outcome) {
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

parallel_blob_store_impl::behavior_type parallel_blob_store(
    self_pointer self, parallel_blob_store_options options
) {
  using adapters::blob_store;
  install_supervision(self);
  self->state.options = std::move(options);
  return {
      [self](store_atom, const std::string& key, const shared_bytes& bytes) {
        return accept<unit_value>(self, key, [key, bytes](blob_store& store) {
          return store.put(key, bytes);
        });
      },
      [self](fetch_atom, const std::string& key) {
        return accept<shared_bytes>(self, key, [key](blob_store& store) { return store.get(key); });
      },
      [self](remove_atom, const std::string& key) {
        return accept<unit_value>(self, key, [key](blob_store& store) {
          return store.remove(key);
        });
      },
      [self](probe_atom) {
        return accept<unit_value>(self, probe_key, [](blob_store& store) { return store.probe(); });
      },
      [self](finish_atom, std::uint64_t number, blob_outcome& outcome) {
        finish(self, number, outcome);
      },
  };
}

}  // namespace stayler::actors
