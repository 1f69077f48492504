// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"
#include "app/cli/jobs/job_request.hpp"
#include "app/cli/output/progress_display.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::cli {

/// The flags that name a picture, and where its id belongs.
inline constexpr std::array<std::pair<std::string_view, std::string job_request::*>, 3>
    picture_members{{
        {"person", &job_request::person},
        {"garment", &job_request::garment},
        {"image", &job_request::picture},
    }};

/// The job that flags of `submit` ask for, but for its user and its pictures, which are checked
/// alone: files are there. Throws command_error (usage).
job_request read_submission(const parsed_line& given, timestamp now);

/// Puts the pictures' ids into the request; files are uploaded.
void store_pictures(
    command_context& context,
    progress_display& display,
    const parsed_line& given,
    job_request& request
);

/// The answer to a submission. It is made again where its answer is lost: under one key it does no
/// harm.
api_answer submit_job(
    command_context& context, const std::string& body, const std::string& idempotency_key
);

}  // namespace stayler::cli
