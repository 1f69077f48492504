// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace stayler::adapters {

/// The text of --help.
std::string help_text();

/// The documentation's tables of options, one for each group, in Markdown.
std::string markdown_tables();

/// A commented example file with every option at its default; reading it changes nothing.
std::string example_file();

}  // namespace stayler::adapters
