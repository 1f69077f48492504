// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_fields.hpp"
#include "messages/jobs/job_request.hpp"

namespace stayler::http {

/// Reads the options of a try-on. Members that it does not know are ignored: older callers send
/// more than is used.
conversion_options read_conversion_options(json_fields& from);

/// Writes them as an object, without what is not set.
void write_conversion_options(adapters::json_writer& json, const conversion_options& options);

}  // namespace stayler::http
