// SPDX-License-Identifier: MIT
#pragma once

// Whose conversions are: a job must not name that of another user.

#include "messages/base/error.hpp"
#include "messages/jobs/job_request.hpp"

#include <optional>
#include <string>

namespace stayler::http {

/// Why that job cannot be submitted, where the records know its conversion as that user's; none
/// where it can, or where they do not know it.
failure refuse_conversion(const job_request& request, const std::optional<std::string>& owner);

}  // namespace stayler::http
