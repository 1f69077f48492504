// SPDX-License-Identifier: MIT
#pragma once

// How many worker slots would be of use. The length of a queue does not say it: while the provider
// takes no more, further workers change nothing but cost, and a fleet that waits for a closed
// provider must neither grow nor be thrown away.
// Source: J. Little, "A Proof for the Queuing Formula L = lambda W", Operations Research 1961: what
// is under way is what arrives, times how long it stays.

#include "messages/base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace stayler::policies {

/// What the whole service has to do, and what it does it with.
struct workload {
  std::uint64_t pending = 0;               ///< jobs that could run now
  std::chrono::duration<double> oldest{};  ///< for how long the oldest of them could have run
  double accepted_per_second = 0;
  std::chrono::duration<double> attempt{};  ///< how long one takes on the average
  std::uint32_t calls = 0;                  ///< the provider takes at a time, of all coordinators
  std::uint32_t quota_per_minute = 0;       ///< of calls; 0: none is known
  std::uint64_t in_flight = 0;              ///< jobs that are worked on
  std::uint32_t connected = 0;              ///< worker slots that there are
  /// How long no job has been given out, by the provider's or a budget's doing; nothing: some are.
  std::optional<std::chrono::duration<double>> closed_for{};
};

struct scaling_rule {
  std::chrono::duration<double> wait{30};       ///< that is aimed at for a job
  std::uint32_t floor = 1;                      ///< never less: none could find anything out
  std::chrono::duration<double> patience{600};  ///< with what is closed, before workers may go
};

/// Worker slots that would be of use.
///
/// open:   as many as attempts have to be under way so that what arrives, and what waits by the
///         time that is left to it, is done in time; no more than the provider has room for, and
///         half of that again, so that its limit can go on being found; never fewer than are at
///         work.
/// closed: what there is; after the patience what is at work.
std::uint32_t desired_workers(const workload& now, const scaling_rule& rule = {});

}  // namespace stayler::policies
