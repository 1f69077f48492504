// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_reader.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace stayler::cli {

/// How a screen of `stayler top` is to look.
struct live_layout {
  std::string url;
  std::size_t width = 80;
  bool has_blocks = false;
};

/// The lines of a screen, made from one answer of GET /worker/overview.
std::vector<std::string> render_live_lines(
    const adapters::json_value& overview, const live_layout& layout
);

/// The same in one line, for a pipe.
std::string render_live_line(const adapters::json_value& overview);

}  // namespace stayler::cli
