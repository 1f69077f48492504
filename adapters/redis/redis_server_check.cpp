// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_server_check.hpp"

#include "adapters/redis/redis_rights.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace stayler::adapters {

namespace {

using doubts = std::vector<std::string>;

constexpr std::pair<std::uint32_t, std::uint32_t> oldest_version{6, 2};

/// The value of a line "name:value" of INFO; empty where there is none.
std::string_view info_field(std::string_view info, std::string_view name) {
  const std::string start = std::string{name} + ":";
  const auto found = info.find(start);
  if (found == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = info.substr(found + start.size());
  return rest.substr(0, rest.find_first_of("\r\n"));
}

void_result check_version(const std::string& version, doubts& unknown) {
  const std::string_view text = version;
  const auto dot = text.find('.');
  const auto major = parse_number<std::uint32_t>(text.substr(0, dot));
  const std::string_view rest = dot == std::string_view::npos ? text : text.substr(dot + 1);
  const auto minor = parse_number<std::uint32_t>(rest.substr(0, rest.find('.')));
  if (!major || !minor) {
    unknown.emplace_back("Redis does not say its version: it has to be 6.2 or newer");
    return ok();
  }
  if (std::pair{*major, *minor} < oldest_version) {
    return failure{
        error_class::invalid_input, "Redis is version " + version + "; it has to be 6.2 or newer"};
  }
  return ok();
}

void_result check_memory_policy(redis_connection& connection, doubts& unknown) {
  const auto answer = connection.ask({"INFO", "memory"});
  if (!answer) {
    return answer.error();
  }
  const std::string_view info = answer->value().text();
  const std::string_view policy =
      answer->value().is_error() ? std::string_view{} : info_field(info, "maxmemory_policy");
  if (policy.empty()) {
    unknown.emplace_back(
        "Redis does not say its maxmemory-policy (INFO memory), which has to be noeviction: with "
        "any other it throws jobs away when its memory is full"
    );
    return ok();
  }
  if (policy != "noeviction" && info_field(info, "maxmemory") != "0") {
    return failure{
        error_class::invalid_input,
        "Redis would throw jobs away when its memory is full: its maxmemory-policy is "
            + std::string{policy} + ", and must be noeviction"};
  }
  return ok();
}

std::string listed(const std::vector<std::string>& commands) {
  constexpr std::size_t enough = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(enough, commands.size()); ++i) {
    text += (text.empty() ? "" : ", ") + commands[i];
  }
  const std::size_t more = commands.size() - std::min(enough, commands.size());
  return more == 0 ? text : text + " and " + std::to_string(more) + " more";
}

}  // namespace

void_result check_server(redis_connection& connection, std::vector<std::string>& unknown) {
  auto fits = check_version(connection.server().version, unknown);
  return fits ? check_memory_policy(connection, unknown) : fits;
}

void_result check_user(
    redis_connection& connection, const std::string& tag, std::vector<std::string>& unknown
) {
  const auto report = check_rights(connection, tag);
  if (!report) {
    return report.error();
  }
  if (!report->is_known) {
    unknown.push_back(
        "Redis does not say whether the commands that are needed may be used (MULTI): \""
        + report->reason + "\""
    );
  }
  if (!report->missing.empty()) {
    return failure{
        error_class::permission, "Redis refuses commands that are needed with keys " + tag
                                     + "* and channels " + tag + ":*: " + listed(report->missing)
                                     + "; it says \"" + report->reason + "\""};
  }
  return ok();
}

}  // namespace stayler::adapters
