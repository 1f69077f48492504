// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler::cli {

enum class verdict : std::uint8_t { ok, warn, fail, skipped };

/// What one check has found.
struct finding {
  std::string check;  ///< "clocks"
  verdict result = verdict::ok;
  std::string what;   ///< "2.4 s apart"
  std::string to_do;  ///< for what is not ok
};

/// "ok", "warn", "fail" or "skip".
std::string_view to_string(verdict result) noexcept;

/// A line a finding, and below it what to do.
std::string render_findings(const console& out, const std::vector<finding>& findings);

/// {"findings": [...], "failed": 1, "warned": 2}
std::string findings_as_json(const std::vector<finding>& findings);

/// faults_found where one has failed.
exit_code code_of_findings(const std::vector<finding>& findings);

}  // namespace stayler::cli
