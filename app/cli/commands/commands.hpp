// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/table/command_spec.hpp"

#include <vector>

// The rows of the command table, each group beside the functions that it names. A new command is a
// row in one of these, or a new group that `command_table.cpp` lists.

namespace stayler::cli {

std::vector<command_spec> job_commands();            ///< submit, list, get, watch, why
std::vector<command_spec> job_change_commands();     ///< cancel, retry, next
std::vector<command_spec> dead_letter_commands();    ///< dead ...
std::vector<command_spec> image_commands();          ///< image ...
std::vector<command_spec> service_commands();        ///< worker, node, tree, provider
std::vector<command_spec> stats_commands();          ///< stats, top
std::vector<command_spec> money_commands();          ///< costs
std::vector<command_spec> dispatch_commands();       ///< pause, resume
std::vector<command_spec> configuration_commands();  ///< config ...
std::vector<command_spec> record_commands();         ///< audit, notification ...
std::vector<command_spec> event_commands();          ///< tail
std::vector<command_spec> doctor_commands();         ///< doctor
std::vector<command_spec> support_commands();        ///< bundle, bench
std::vector<command_spec> login_commands();          ///< login
std::vector<command_spec> profile_commands();        ///< profile ...
std::vector<command_spec> program_commands();        ///< completion, reference, version, help

}  // namespace stayler::cli
