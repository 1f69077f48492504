// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/output/console.hpp"
#include "app/cli/table/command_spec.hpp"

#include <string>

namespace stayler::cli {

/// What `stayler` alone says: all commands, how to begin, global flags, exit codes.
std::string overview_text(const console& out);

/// What `stayler COMMAND --help` says.
std::string help_text(const command_spec& command, const console& out);

/// What `stayler help filters` says.
std::string filters_text(const console& out);

/// A text in lines of at most that many columns, each behind `indent` blanks.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace stayler::cli
