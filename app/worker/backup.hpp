// SPDX-License-Identifier: MIT
#pragma once

#include "messages/service/settings.hpp"

#include <filesystem>

namespace stayler::app {

/// --backup FOLDER: saves what this service keeps in its data folder, beside services that run.
/// Returns the process's exit code.
int back_up(const settings& config, const std::filesystem::path& target);

/// --restore FOLDER: puts it into the data folder, which has to be empty. Returns the process's
/// exit code.
int restore(const settings& config, const std::filesystem::path& backup);

}  // namespace stayler::app
