// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_fields.hpp"
#include "messages/jobs/job_request.hpp"

#include <vector>

namespace stayler::http {

/// Reads the member "operations": 1 to 16 of them, each checked by itself. What is wrong goes to
/// `problems`.
std::vector<image_operation> read_operations(
    json_fields& from, std::vector<field_problem>& problems
);

/// Writes the operations as an array, in the form in which they are read.
void write_operations(adapters::json_writer& json, const std::vector<image_operation>& operations);

}  // namespace stayler::http
