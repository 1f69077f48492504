// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// One NAME=value, and where it was read: "worker.env:12", "the environment",
/// "--worker-max-workers".
struct assignment {
  std::string name;
  std::string value;
  std::string source;
};

/// What a settings file says. Problems name file and line, never a line's content: it may hold a
/// secret.
struct settings_file {
  std::vector<assignment> assignments;
  std::vector<field_problem> problems;
};

/// Reads NAME=value lines. Empty lines and lines that begin with # are skipped; a value may stand
/// in a pair of single or double quotes. A name that stands there twice is a problem.
settings_file parse_settings_file(std::string_view text, const std::string& file);

}  // namespace stayler::adapters
