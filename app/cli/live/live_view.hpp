// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"

namespace stayler::cli {

/// Shows how the service stands, anew each second, until `q`, Ctrl-C or --count: a screen on a
/// terminal, a line each second elsewhere. A service that goes away is asked again; on the screen
/// stands how old the figures are.
int show_live_view(command_context& context);

}  // namespace stayler::cli
