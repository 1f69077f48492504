// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_writer.hpp"
#include "messages/jobs/job.hpp"
#include "messages/jobs/job_filter.hpp"
#include "policies/overview/service_snapshot.hpp"

#include <string>

namespace stayler::http {

/// Writes the job as an object; what it does not have yet is left out. `service`: how it stands,
/// for a job that waits to be told why; null where that is not known.
void write_job(
    adapters::json_writer& json,
    const job& shown,
    const policies::service_snapshot* service = nullptr
);

/// The job alone.
std::string render_job(const job& shown, const policies::service_snapshot* service = nullptr);

/// A page of a listing, with the cursor of the next one; null after the last.
std::string render_job_page(
    const job_page& page, const policies::service_snapshot* service = nullptr
);

}  // namespace stayler::http
