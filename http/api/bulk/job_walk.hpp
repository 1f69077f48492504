// SPDX-License-Identifier: MIT
#pragma once

#include "http/api/bridge.hpp"
#include "messages/jobs/job_filter.hpp"

#include <cstddef>
#include <functional>

namespace stayler::http {

/// So many pages are looked at for one answer: each is one call of a store, which is not to serve
/// one caller alone.
inline constexpr std::size_t longest_walk = 40;

/// Goes through the jobs that match, newest first and page by page, until there are none, or
/// `visit` says false, or longest_walk is reached. Then `done` is told what went wrong, and whether
/// all were seen. Both are called on the bridge's actor.
void walk_jobs(
    const bridge& actors,
    job_filter filter,
    std::function<bool(const job_page& page)> visit,
    std::function<void(const failure& error, bool is_complete)> done
);

}  // namespace stayler::http
