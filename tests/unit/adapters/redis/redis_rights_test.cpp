// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_rights.hpp"

#include "messages/base/text.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace stayler::adapters {

namespace {

std::string contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{std::filesystem::path{STAYLER_SOURCE_DIR} / file}.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  return text.str();
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex wanted{pattern};
  std::set<std::string> found;
  for (std::sregex_iterator at{text.begin(), text.end(), wanted}; at != std::sregex_iterator{};
       ++at) {
    found.insert((*at)[1].str());
  }
  return found;
}

std::set<std::string> checked_commands() {
  std::set<std::string> names;
  for (const auto& command : needed_commands("{q}")) {
    names.insert(command.front());
  }
  return names;
}

}  // namespace

TEST_CASE("every command of the scripts is among those whose right is checked") {
  const std::filesystem::path lua{"adapters/job_store/redis/lua"};
  std::string scripts = contents("adapters/limit_exchange/redis_exchange_script.lua");
  for (const auto& file : std::filesystem::directory_iterator{STAYLER_SOURCE_DIR / lua}) {
    scripts += contents(lua / file.path().filename());
  }
  const std::set<std::string> words_of_arguments{"LIMIT", "PX", "WITHSCORES"};
  const std::set<std::string> checked = checked_commands();
  for (const std::string& word : matches(scripts, "'([A-Z]{2,})'")) {
    INFO(word);
    CHECK((words_of_arguments.contains(word) || checked.contains(word)));
  }
}

TEST_CASE("the rights that the documentation gives a user are those that are checked") {
  const auto lines = matches(contents("docs/deployment.md"), "\n( *user stayler [^\n]*)");
  REQUIRE(lines.size() == 1);
  const auto given = matches(*lines.begin(), " \\+([a-z|]+)");
  for (const auto& command : needed_commands("{stayler}")) {
    const std::string name = to_lower(command.front());
    INFO(name);
    CHECK(given.contains(name == "script" ? "script|load" : name));
  }
}

}  // namespace stayler::adapters
