// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_error.hpp"

#include <cstdint>
#include <string>

namespace stayler::cli {

/// What a status that is no success means for whoever waits for the command.
exit_code exit_code_of_status(std::uint32_t status) noexcept;

/// What an answer that is no success says, in one line: the problem's `detail`, and each bad field.
/// The text itself where it is no problem document.
std::string explain_problem(std::uint32_t status, const std::string& body);

/// What to do about it. `role` is what the command takes, `retry_after` the header's value.
std::string advise_on_status(
    std::uint32_t status, const std::string& role, const std::string& retry_after
);

}  // namespace stayler::cli
