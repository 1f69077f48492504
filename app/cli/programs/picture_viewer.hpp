// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"

#include <string>

namespace stayler::cli {

/// Opens a file by the program that the desktop has for it (xdg-open, or open), and does not wait.
/// False where there is none.
bool open_picture(const std::string& file);

/// Shows a picture in the terminal by chafa, where both are there; false otherwise.
bool draw_picture(const command_context& context, const std::string& file);

/// A new file's name in the folder for what is not kept, for a job's picture.
std::string temporary_picture(
    const command_context& context, const std::string& id, const adapters::json_value& job
);

}  // namespace stayler::cli
