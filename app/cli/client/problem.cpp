// SPDX-License-Identifier: MIT
#include "app/cli/client/problem.hpp"

#include "adapters/json/json_reader.hpp"
#include "app/cli/output/json_texts.hpp"

#include <fmt/core.h>

namespace stayler::cli {

exit_code exit_code_of_status(std::uint32_t status) noexcept {
  switch (status) {
    case 401:
    case 403:
      return exit_code::not_allowed;
    case 404:
      return exit_code::not_found;
    case 409:
      return exit_code::wrong_state;
    case 502:
    case 503:
    case 504:
      return exit_code::unreachable;
    default:
      return exit_code::refused;
  }
}

std::string explain_problem(std::uint32_t status, const std::string& body) {
  const auto problem = adapters::parse_json(body);
  if (!problem) {
    return fmt::format("the answer has status {} and is not the service's own", status);
  }
  std::string text = text_of(*problem, "detail");
  const auto* errors = problem->find("errors");
  const auto* fields = errors == nullptr ? nullptr : errors->as<adapters::json_value::array>();
  if (fields != nullptr) {
    text.clear();
    for (const auto& each : *fields) {
      text += fmt::format(
          "{}{} {}", text.empty() ? "" : "; ", text_of(each, "field"), text_of(each, "message")
      );
    }
  }
  return fmt::format("{} ({} {})", text, status, text_of(*problem, "error"));
}

std::string advise_on_status(
    std::uint32_t status, const std::string& role, const std::string& retry_after
) {
  switch (status) {
    case 401:
      return "set STAYLER_API_KEY, or name a file by --key-file or in a profile; stayler doctor "
             "looks at the key";
    case 403:
      return role.empty()
                 ? "stayler doctor shows what your key may do"
                 : fmt::format(
                     "it takes a key with role {}; stayler doctor shows what yours is", role
                 );
    case 404:
      return "stayler list shows the jobs that there are; is it the right service (--url)?";
    case 429:
      return retry_after.empty() ? "try again later"
                                 : fmt::format("try again in {} s", retry_after);
    case 502:
    case 503:
    case 504:
      return "the service may be starting, draining or stopped: stayler doctor says more";
    case 500:
      return "that is a bug of the service: its log has that request id";
    default:
      return {};
  }
}

}  // namespace stayler::cli
