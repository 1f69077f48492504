// SPDX-License-Identifier: MIT
#include "app/cli/exit_code.hpp"

#include <array>

namespace stayler::cli {

namespace {

constexpr std::array<exit_code_row, 12> exit_codes{{
    {exit_code::done, "done"},
    {exit_code::refused, "the service refused it, or failed"},
    {exit_code::usage, "wrong usage: a flag, an argument, a filter or the profile"},
    {exit_code::job_failed, "the job has ended as failed or cancelled"},
    {exit_code::not_allowed, "the key is missing, wrong, or may not do that"},
    {exit_code::not_found, "there is no such thing"},
    {exit_code::wrong_state, "the state of the thing does not allow it"},
    {exit_code::unreachable, "the service cannot be reached, or is not available"},
    {exit_code::out_of_time, "time ran out; the job goes on"},
    {exit_code::done_in_part, "of several, some were done and some refused"},
    {exit_code::faults_found, "`doctor` has found faults; `config diff`, differences"},
    {exit_code::interrupted, "interrupted by Ctrl-C; the job goes on"},
}};

}  // namespace

std::span<const exit_code_row> all_exit_codes() noexcept {
  return exit_codes;
}

}  // namespace stayler::cli
