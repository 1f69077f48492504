// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/event_feed/event_feed.hpp"
#include "adapters/job_store/job_store.hpp"

#include <memory>

namespace stayler::adapters {

/// The same store, and what its changes do to jobs is told to the feed once the store has taken
/// them: one publication for each batch. A scheduled job that has become due is told of when it is
/// leased.
std::unique_ptr<job_store> make_event_publishing_job_store(
    std::unique_ptr<job_store> kept, std::shared_ptr<event_feed> feed
);

}  // namespace stayler::adapters
