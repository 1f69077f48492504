// SPDX-License-Identifier: MIT
#pragma once

// What the rest of the application is told about a job: its conversion record and notifications.

#include "messages/jobs/conversion.hpp"
#include "messages/jobs/job.hpp"

namespace stayler::policies {

/// True where the job has a conversion record to be kept.
bool has_conversion(const job& about) noexcept;

/// The conversion record that says where the job stands at that time.
conversion_update make_conversion_update(const job& about, job_status status, timestamp at);

/// The notification that the job has ended as its status says. The event id depends on the job
/// and the status alone, and for a failure on the attempt, so that a repeated delivery can be
/// recognized.
notification make_notification(const job& ended, job_status status, timestamp at);

}  // namespace stayler::policies
