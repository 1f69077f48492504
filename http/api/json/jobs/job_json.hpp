// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_writer.hpp"
#include "messages/jobs/job.hpp"
#include "messages/jobs/job_filter.hpp"

#include <string>

namespace stayler::http {

/// Writes the job as an object; what it does not have yet is left out.
void write_job(adapters::json_writer& json, const job& shown);

/// The job alone.
std::string render_job(const job& shown);

/// A page of a listing, with the cursor of the next one; null after the last.
std::string render_job_page(const job_page& page);

}  // namespace stayler::http
