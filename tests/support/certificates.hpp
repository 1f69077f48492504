// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/catch.hpp"
#include "tests/support/programs/service_process.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stayler::test {

/// Makes certificates with scripts/dev-certs in that folder, one for each name.
inline void make_certificates(
    const std::filesystem::path& folder, const std::vector<std::string>& names
) {
  std::vector<std::string> arguments{folder.string()};
  arguments.insert(arguments.end(), names.begin(), names.end());
  const auto script = std::filesystem::path{STAYLER_ASSETS}.parent_path() / "scripts/dev-certs";
  const auto made = run_program(script, arguments, {});
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
}

}  // namespace stayler::test
