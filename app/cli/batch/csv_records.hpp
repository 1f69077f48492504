// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::cli {

/// One record of a CSV file, which may have several lines.
struct csv_record {
  std::size_t line = 0;  ///< where it begins, from 1
  std::vector<std::string> cells;
};

/// Takes CSV apart (RFC 4180: commas, quotation marks doubled within quoted cells, LF or CR LF).
/// Empty lines are no records. Throws command_error (usage) where a quoted cell is not ended.
std::vector<csv_record> read_csv_records(std::string_view text, const std::string& file);

}  // namespace stayler::cli
