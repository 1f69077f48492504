// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"

#include <string>

namespace stayler::cli {

/// The id of the job that is meant: a whole id, or the beginning of one, of at least four hex
/// digits, that no other job has. Throws command_error: usage where it is neither or is not clear,
/// not_found.
std::string find_job_id(command_context& context, const std::string& text);

/// An id that nothing else has.
std::string fresh_id();

/// True for what `find_job_id` takes.
bool may_be_job_id(std::string_view text);

}  // namespace stayler::cli
