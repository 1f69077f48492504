// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/table/command_spec.hpp"

namespace stayler::cli {

/// The row of `submit`: uploads pictures, submits a job, follows it, and writes what it has made.
command_spec submit_spec();

}  // namespace stayler::cli
