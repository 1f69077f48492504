// SPDX-License-Identifier: MIT
#include "adapters/job_store/store_limits.hpp"

#include <fmt/core.h>

namespace stayler::adapters {

namespace {

/// When a caller for whose job there was no room may try again.
constexpr milliseconds pause_when_full{5'000};

constexpr bool has_room(std::uint64_t waiting, std::uint64_t max_waiting) noexcept {
  return max_waiting == 0 || waiting < max_waiting;
}

std::uint64_t beyond(std::uint64_t count, std::uint64_t bound) noexcept {
  return bound > 0 && count > bound ? count - bound : 0;
}

}  // namespace

failure check_room(const job_counts& counts, std::uint64_t max_waiting) {
  const std::uint64_t waiting = counts.pending + counts.scheduled;
  if (has_room(waiting, max_waiting)) {
    return {};
  }
  return {
      error_class::rate_limited,
      fmt::format("the queue is full: {} jobs wait, and no more than {} may", waiting, max_waiting),
      pause_when_full};
}

failure check_room_of_user(
    const std::string& user, std::uint64_t waiting, std::uint64_t max_waiting
) {
  if (has_room(waiting, max_waiting)) {
    return {};
  }
  return {
      error_class::rate_limited,
      fmt::format(
          "the queue is full for user {}: {} of its jobs wait, and no more than {} may", user,
          waiting, max_waiting
      ),
      pause_when_full};
}

std::uint64_t surplus_finished(const job_counts& counts, const store_op::purge& change) noexcept {
  return beyond(counts.completed + counts.cancelled, change.max_finished);
}

std::uint64_t surplus_dead(const job_counts& counts, const store_op::purge& change) noexcept {
  return beyond(counts.failed, change.max_finished);
}

}  // namespace stayler::adapters
