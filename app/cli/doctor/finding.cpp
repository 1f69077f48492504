// SPDX-License-Identifier: MIT
#include "app/cli/doctor/finding.hpp"

#include "adapters/json/json_writer.hpp"
#include "app/cli/jobs/job_texts.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stayler::cli {

namespace {

constexpr std::size_t least_check_width = 14;

std::ptrdiff_t count_with(const std::vector<finding>& findings, verdict result) {
  return std::ranges::count(findings, result, &finding::result);
}

}  // namespace

std::string_view to_string(verdict result) noexcept {
  switch (result) {
    case verdict::ok:
      return "ok";
    case verdict::warn:
      return "warn";
    case verdict::fail:
      return "fail";
    case verdict::skipped:
      break;
  }
  return "skip";
}

std::string render_findings(const console& out, const std::vector<finding>& findings) {
  std::size_t width = least_check_width;
  for (const auto& each : findings) {
    width = std::max(width, each.check.size());
  }
  std::string text;
  for (const auto& each : findings) {
    const auto word = to_string(each.result);
    text += out.paint(colour_of_status(word), fmt::format("{:<4}", word))
            + fmt::format("  {:<{}}  {}\n", each.check, width, safe_text(each.what));
    if (!each.to_do.empty()) {
      text += fmt::format("      do: {}\n", safe_text(each.to_do));
    }
  }
  return text
         + fmt::format(
             "\n{} ok, {} to look at, {} failed", count_with(findings, verdict::ok),
             count_with(findings, verdict::warn), count_with(findings, verdict::fail)
         );
}

std::string findings_as_json(const std::vector<finding>& findings) {
  adapters::json_writer json;
  json.begin_object().key("findings").begin_array();
  for (const auto& each : findings) {
    json.begin_object().field("check", each.check).field("result", to_string(each.result));
    json.field("what", each.what).field("do", each.to_do).end_object();
  }
  json.end_array();
  json.field("failed", count_with(findings, verdict::fail));
  json.field("warned", count_with(findings, verdict::warn)).end_object();
  return std::move(json).text();
}

exit_code code_of_findings(const std::vector<finding>& findings) {
  return count_with(findings, verdict::fail) > 0 ? exit_code::faults_found : exit_code::done;
}

}  // namespace stayler::cli
