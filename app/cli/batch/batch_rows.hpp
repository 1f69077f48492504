// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/table/command_spec.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::cli {

/// What a row says: flags of `submit` by their names, with their values.
using batch_fields = std::map<std::string, std::vector<std::string>, std::less<>>;

/// One job of a batch.
struct batch_row {
  std::size_t number = 0;  ///< from 1
  std::size_t line = 0;    ///< of the file, where it begins
  batch_fields fields;
};

/// Reads a file of rows: JSON lines where its first character is "{", else CSV (RFC 4180) with a
/// header. An empty cell, null and false say nothing; several operations stand in a list, or with
/// blanks between them. Throws command_error (usage), with the line, where a name is none of these
/// flags, or a value is none that the flag takes.
std::vector<batch_row> read_batch_rows(
    std::string_view text, const std::string& file, std::span<const flag_spec> flags
);

/// What tells a row from others: all that it says of the job, and not where its result goes.
std::string fingerprint_of(const batch_fields& fields);

}  // namespace stayler::cli
