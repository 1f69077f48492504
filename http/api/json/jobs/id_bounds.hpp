// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/jobs/job_filter.hpp"

#include <string_view>

// Jobs' ids begin with the time at which they were made, and stores list jobs by id. So what an id
// begins with, and how old a job is, bound a listing without a look at any other job.
namespace stayler::http {

inline constexpr std::string_view id_prefix_form =
    "the beginning of a job's id: 1 to 32 hex digits, with or without hyphens";

/// Leaves out the jobs whose ids do not begin like that; false, and nothing is changed, where no id
/// does.
bool narrow_to_prefix(job_filter& filter, std::string_view prefix);

/// Leaves out the jobs that were made before that time.
void narrow_to_since(job_filter& filter, timestamp since);

/// Leaves out the jobs that were made at that time or later.
void narrow_to_before(job_filter& filter, timestamp before);

/// Leaves out that job and those that are newer.
void narrow_to_older(job_filter& filter, const job_id& than);

/// Leaves out the jobs that are newer than that one.
void narrow_to_newest(job_filter& filter, const job_id& newest);

}  // namespace stayler::http
