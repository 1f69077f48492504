// SPDX-License-Identifier: MIT
#include "actors/provider/limits/capacity_publisher.hpp"

#include "adapters/log/log.hpp"

#include <chrono>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::gemini::log;

/// A capacity that moved by less is the same capacity: the time until it opens is reckoned anew
/// each time.
constexpr milliseconds capacity_tolerance{100};

bool is_same(const provider_capacity& a, const provider_capacity& b) {
  const milliseconds moved = a.closed_until - b.closed_until;
  return a.max_in_flight == b.max_in_flight && is_set(a.closed_until) == is_set(b.closed_until)
         && std::chrono::abs(moved) < capacity_tolerance;
}

}  // namespace

void capacity_publisher::watch(queue_actor queue, provider_capacity current) {
  last_ = std::move(current);
  watcher_ = std::move(queue);
  self_->send(watcher_, capacity_atom_v, last_);
}

bool capacity_publisher::publish(provider_capacity current) {
  if (is_same(current, last_)) {
    return false;
  }
  if (is_set(current.closed_until) && !is_set(last_.closed_until)) {
    log.warning(
        "no calls for a while",
        {{"until", to_rfc3339(current.closed_until)}, {"reason", current.reason}}
    );
  } else if (is_set(last_.closed_until) && !is_set(current.closed_until)) {
    log.info("calls go on");
  }
  last_ = std::move(current);
  if (watcher_) {
    self_->send(watcher_, capacity_atom_v, last_);
  }
  return true;
}

bool capacity_publisher::note_model(const std::string& serving) {
  if (serving == last_model_) {
    return false;
  }
  if (!last_model_.empty()) {
    log.warning("calls go to another model", {{"from", last_model_}, {"to", serving}});
  }
  last_model_ = serving;
  return true;
}

}  // namespace stayler::actors
