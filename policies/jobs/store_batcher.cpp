// SPDX-License-Identifier: MIT
#include "policies/jobs/store_batcher.hpp"

#include <utility>

namespace stayler::policies {

store_batcher::store_batcher(std::function<void()> prepare, std::function<void(batch)> send)
    : prepare_(std::move(prepare)), send_(std::move(send)) {}

void store_batcher::add(adapters::store_change change, on_reply done) {
  changes_.push_back(std::move(change));
  replies_.push_back(std::move(done));
}

void store_batcher::write(adapters::store_change change, on_reply done) {
  add(std::move(change), std::move(done));
  flush();
}

void store_batcher::flush() {
  if (is_in_flight_) {
    return;
  }
  prepare_();
  if (changes_.empty()) {
    return;
  }
  is_in_flight_ = true;
  in_flight_ = std::exchange(replies_, {});
  send_(std::exchange(changes_, {}));
}

void store_batcher::written(std::vector<adapters::store_reply>& replies) {
  deliver(replies);
  flush();
}

void store_batcher::failed(const failure& error) {
  const bool has_collected = !changes_.empty();
  std::vector<adapters::store_reply> replies(in_flight_.size(), adapters::refusal(error));
  deliver(replies);
  // Who wrote meanwhile waits for an answer, be it the next failure. What the failure itself has
  // led to does not go out on its own: whoever answers a failure with another try would keep the
  // store, which is away, and this process busy. It goes with the next change that arrives.
  if (has_collected) {
    flush();
  }
}

void store_batcher::deliver(std::vector<adapters::store_reply>& replies) {
  const std::vector<on_reply> receivers = std::exchange(in_flight_, {});
  for (std::size_t i = 0; i < receivers.size(); ++i) {
    receivers[i](replies[i]);
  }
  is_in_flight_ = false;
}

}  // namespace stayler::policies
