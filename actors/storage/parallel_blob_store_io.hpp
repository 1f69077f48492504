// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/blob_store/blob_store.hpp"
#include "adapters/detached_threads/detached_threads.hpp"
#include "messages/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>

namespace stayler::actors {

struct parallel_blob_store_options {
  std::shared_ptr<adapters::blob_store> store;  ///< its calls end in bounded time
  std::shared_ptr<adapters::detached_threads> threads;
  std::size_t slots = 32;         ///< calls at a time
  std::size_t max_queue = 1'000;  ///< waiting requests; further ones are refused, `unavailable`
};

/// What a call of the store came to. Local to a process.
struct blob_outcome {
  std::variant<failure, unit_value, shared_bytes> content;
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::blob_outcome)

namespace stayler::actors {

/// What the actor tells itself, beside its public interface.
using parallel_blob_store_impl = blob_store_actor::extend<
    /// The call of that number has returned.
    caf::reacts_to<finish_atom, std::uint64_t, blob_outcome>>;

/// A request that waits, or is under way.
struct blob_task {
  std::string key;
  std::function<blob_outcome(adapters::blob_store&)> call;  ///< made on a thread of its own
  std::function<void(blob_outcome&)> answer;                ///< given by the actor
};

struct parallel_blob_store_state {
  const char* name = "blob_store";
  parallel_blob_store_options options;
  std::deque<blob_task> queue;
  std::map<std::uint64_t, blob_task> under_way;
  std::set<std::string> busy_keys;  ///< of the calls under way
  std::uint64_t last_number = 0;
};

/// Serves a blob store whose calls wait for a network: many at a time, so that a slow one keeps
/// only its own requester waiting. The calls of one key are made one after the other, in their
/// order.
parallel_blob_store_impl::behavior_type parallel_blob_store(
    parallel_blob_store_impl::stateful_pointer<parallel_blob_store_state> self,
    parallel_blob_store_options options
);

}  // namespace stayler::actors
