// SPDX-License-Identifier: MIT
#include "actors/storage/parallel_blob_store_io.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"

#include <fmt/core.h>

#include <utility>

namespace stayler::actors {

namespace {

/// No blob has this key. Probes wait for one another: behind a store that hangs they would pile up.
constexpr const char* probe_key = "~probe";

constexpr milliseconds retry_when_full{1'000};

}  // namespace

void parallel_blob_store_state::start(blob_call started) {
  const std::uint64_t number = ++last_number_;
  auto thread = thread_of<parallel_blob_store_impl>(
      self_, options_.store, number, std::move(started.call.run)
  );
  if (const auto has_thread = options_.threads->start(std::move(thread)); !has_thread) {
    blob_outcome outcome{has_thread.error()};
    started.call.conclude(outcome);
    return;
  }
  busy_keys_.insert(started.key);
  under_way_.emplace(number, std::move(started));
}

void parallel_blob_store_state::start_calls() {
  auto next = queue_.begin();
  while (next != queue_.end() && under_way_.size() < options_.slots) {
    if (busy_keys_.contains(next->key)) {
      ++next;
    } else {
      blob_call call = std::move(*next);
      next = queue_.erase(next);
      start(std::move(call));
    }
  }
}

void parallel_blob_store_state::call_returned(std::uint64_t number, blob_outcome& outcome) {
  auto returned = under_way_.extract(number);
  busy_keys_.erase(returned.mapped().key);
  returned.mapped().call.conclude(outcome);
  start_calls();
}

template <class Answer, class Call>
caf::result<Answer> parallel_blob_store_state::enqueue(const std::string& key, Call call) {
  if (queue_.size() >= options_.max_queue) {
    return to_error(
        {error_class::unavailable, "too many calls wait for the image store", retry_when_full}
    );
  }
  queue_.push_back(
      {key, make_pooled_call<Answer, adapters::blob_store, blob_outcome>(self_, std::move(call))}
  );
  start_calls();
  return caf::delegated<Answer>{};
}

caf::result<unit_value> parallel_blob_store_state::put(
    const std::string& key, const shared_bytes& bytes
) {
  return enqueue<unit_value>(key, [key, bytes](adapters::blob_store& store) {
    return store.put(key, bytes);
  });
}

caf::result<shared_bytes> parallel_blob_store_state::get(const std::string& key) {
  return enqueue<shared_bytes>(key, [key](adapters::blob_store& store) { return store.get(key); });
}

caf::result<blob_part> parallel_blob_store_state::get_part(
    const std::string& key, std::uint64_t offset, std::uint64_t count
) {
  // "~" cannot occur in a key: no other call waits for this one.
  return enqueue<blob_part>(
      fmt::format("{}~{}", key, ++last_part_), [key, offset, count](adapters::blob_store& store
                                               ) { return store.get_part(key, offset, count); }
  );
}

caf::result<unit_value> parallel_blob_store_state::remove(const std::string& key) {
  return enqueue<unit_value>(key, [key](adapters::blob_store& store) { return store.remove(key); });
}

caf::result<unit_value> parallel_blob_store_state::probe() {
  return enqueue<unit_value>(probe_key, [](adapters::blob_store& store) { return store.probe(); });
}

parallel_blob_store_impl::behavior_type parallel_blob_store_state::make_behavior(
    parallel_blob_store_options options
) {
  install_supervision(self_);
  options_ = std::move(options);
  using self = parallel_blob_store_state;
  return {
      handle<store_atom>(*this, &self::put),      handle<fetch_atom>(*this, &self::get),
      handle<fetch_atom>(*this, &self::get_part), handle<remove_atom>(*this, &self::remove),
      handle<probe_atom>(*this, &self::probe),    handle<finish_atom>(*this, &self::call_returned),
  };
}

parallel_blob_store_impl::behavior_type parallel_blob_store(
    parallel_blob_store_state::pointer self, parallel_blob_store_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
