// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/pooled_call.hpp"
#include "adapters/blob_store/blob_store.hpp"
#include "adapters/detached_threads/detached_threads.hpp"
#include "messages/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
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
  std::variant<failure, unit_value, shared_bytes, blob_part> content;
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::blob_outcome)

namespace stayler::actors {

/// What the actor tells itself, beside its public interface.
using parallel_blob_store_impl = blob_store_actor::extend<
    /// The call of that number has returned.
    caf::reacts_to<finish_atom, std::uint64_t, blob_outcome>>;

/// Serves a blob store whose calls wait for a network: many at a time, so that a slow one keeps
/// only its own requester waiting. The calls of one key are made one after the other, in their
/// order, but for parts: their version tells, and many readers want them of one blob.
class parallel_blob_store_state {
 public:
  static inline const char* name = "blob_store";

  using pointer = parallel_blob_store_impl::stateful_pointer<parallel_blob_store_state>;

  explicit parallel_blob_store_state(pointer self) : self_(self) {}

  parallel_blob_store_impl::behavior_type make_behavior(parallel_blob_store_options options);

 private:
  /// A request that waits, or is under way.
  struct blob_call {
    std::string key;
    pooled_call<adapters::blob_store, blob_outcome> call;
  };

  caf::result<unit_value> put(const std::string& key, const shared_bytes& bytes);
  caf::result<shared_bytes> get(const std::string& key);
  caf::result<blob_part> get_part(
      const std::string& key, std::uint64_t offset, std::uint64_t count
  );
  caf::result<unit_value> remove(const std::string& key);
  caf::result<unit_value> probe();

  /// Queues a request about that key. The call returns a result<Answer>.
  template <class Answer, class Call>
  caf::result<Answer> enqueue(const std::string& key, Call call);
  /// Starts what there is room for: the first whose key is not in use, then the next.
  void start_calls();
  void start(blob_call call);
  void call_returned(std::uint64_t number, blob_outcome& outcome);

  pointer self_;
  parallel_blob_store_options options_;
  std::deque<blob_call> queue_;
  std::map<std::uint64_t, blob_call> under_way_;
  std::set<std::string> busy_keys_;  ///< of the calls under way
  std::uint64_t last_number_ = 0;
  std::uint64_t last_part_ = 0;
};

parallel_blob_store_impl::behavior_type parallel_blob_store(
    parallel_blob_store_state::pointer self, parallel_blob_store_options options
);

}  // namespace stayler::actors
