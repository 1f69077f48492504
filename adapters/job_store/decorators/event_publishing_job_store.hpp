// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/event_feed/event_feed.hpp"
#include "adapters/job_store/job_store.hpp"

#include <memory>

namespace stayler::adapters {

/// The same store, which also publishes what its changes do to jobs, once the store has taken them:
/// one publication for each batch. That a scheduled job has become due is published when it is
/// leased.
std::unique_ptr<job_store> make_event_publishing_job_store(
    std::unique_ptr<job_store> inner, std::shared_ptr<event_feed> feed
);

}  // namespace stayler::adapters
