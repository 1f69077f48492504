// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace stayler::cli {

/// The last values of a series as a line of that many characters, from 0 to the largest of them:
/// blocks of eight heights, or digits where the terminal shows ASCII alone. What is not known (NaN)
/// is a blank. A series that is shorter stands at the right.
std::string render_sparkline(const std::vector<double>& series, std::size_t width, bool has_blocks);

}  // namespace stayler::cli
