// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace stayler::cli {

/// The reference part of docs/cli.md: commands, flags, filters and exit codes, in Markdown.
std::string markdown_reference();

/// The manual page, in roff's man macros.
std::string man_page(std::string_view version);

}  // namespace stayler::cli
