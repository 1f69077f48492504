// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"
#include "app/cli/output/progress_display.hpp"

#include <string>

namespace stayler::cli {

/// Uploads a file; the answer that shows the picture. `type` is "user" or "vendor".
api_answer upload_picture(
    command_context& context,
    progress_display& display,
    const std::string& file,
    const std::string& user,
    const std::string& type
);

/// Whether it is a file, and so has to be uploaded. Throws command_error (usage) where it is
/// neither that nor an id nor a URL.
bool is_picture_file(const std::string& given);

/// The id or URL of the picture that is meant: a file is uploaded; a UUID or id:ID, and a URL, are
/// taken as they are. Throws command_error (usage) where it is none of these.
std::string picture_source(
    command_context& context,
    progress_display& display,
    const std::string& given,
    const std::string& user
);

/// Whose pictures and jobs these are: --user, the profile's user, the only one of the key, or who
/// is logged in here.
std::string current_user(command_context& context);

}  // namespace stayler::cli
