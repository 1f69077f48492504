// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"
#include "app/cli/live/live_lines.hpp"

#include <functional>
#include <string>
#include <vector>

namespace stayler::cli {

/// What a screen that is drawn anew each second shows.
struct live_source {
  /// What there is now, of so many lines at most. Throws command_error.
  std::function<adapters::json_value(std::size_t)> ask;
  /// The same as lines of a screen; the first one stands out.
  std::function<std::vector<std::string>(const adapters::json_value&, const live_layout&)> render;
};

/// Shows screens until `q` or Ctrl-C, or so many (0: no end). A service that goes away is asked
/// again; at the bottom stands how old the figures are. False where the terminal shows no screens.
bool show_screens(command_context& context, const live_source& source, long most);

/// Shows how the service stands until `q`, Ctrl-C or --count: screens on a terminal that has them,
/// a line each second elsewhere.
int show_live_view(command_context& context);

}  // namespace stayler::cli
