// SPDX-License-Identifier: MIT
#include "app/cli/table/command_table.hpp"

#include "app/cli/command_error.hpp"
#include "app/cli/exit_code.hpp"
#include "app/cli/table/parse_command_line.hpp"
#include "app/cli/texts/completions.hpp"
#include "app/cli/texts/help_text.hpp"
#include "app/cli/texts/reference.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

using namespace stayler::cli;

namespace {

parsed_line parse(const std::vector<std::string>& words) {
  return parse_command_line(words);
}

int code_of_refusal(const std::vector<std::string>& words) {
  try {
    static_cast<void>(parse(words));
  } catch (const command_error& error) {
    return static_cast<int>(error.code);
  }
  return 0;
}

std::string docs_file() {
  std::ostringstream text;
  text << std::ifstream{STAYLER_SOURCE_DIR "/docs/cli.md"}.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("each command has one row, a summary, and a first word that is a command") {
  std::set<std::string_view> names;
  for (const auto& each : all_commands()) {
    INFO(each.name);
    CHECK(names.insert(each.name).second);
    CHECK_FALSE(each.summary.empty());
    CHECK((each.run != nullptr || !commands_below(each.name).empty()));
    if (const auto space = each.name.find(' '); space != std::string_view::npos) {
      CHECK(names.count(each.name.substr(0, space)) == 1);
    }
  }
}

TEST_CASE("no command has a flag of the name of one that all have") {
  for (const auto& command : all_commands()) {
    std::set<std::string_view> names;
    for (const auto& flag : global_flags()) {
      names.insert(flag.name());
    }
    for (const auto& flag : command.flags) {
      INFO(command.name << " --" << flag.name());
      CHECK(names.insert(flag.name()).second);
      CHECK_FALSE(flag.meaning.empty());
    }
  }
}

TEST_CASE("every example of a command is taken by the grammar") {
  for (const auto& command : all_commands()) {
    for (const auto example : command.examples) {
      INFO(example);
      std::istringstream stream{std::string{example}};
      std::vector<std::string> words;
      for (std::string word; stream >> word;) {
        words.push_back(word);
      }
      const auto line = parse({words.begin() + 1, words.end()});
      REQUIRE(line.command != nullptr);
      CHECK(line.command->name == command.name);
    }
  }
}

TEST_CASE("flags stand before or behind the command, and may be repeated where that makes sense") {
  const auto line = parse(
      {"--url", "http://a:1", "list", "status:failed", "--json", "-p", "x", "--status", "pending",
       "--status", "failed"}
  );
  CHECK(line.command->name == "list");
  CHECK(line.value("url") == "http://a:1");
  CHECK(line.value("profile") == "x");
  CHECK(line.has("json"));
  CHECK(line.arguments == std::vector<std::string>{"status:failed"});
  CHECK(line.values("status") == std::vector<std::string>{"pending", "failed"});
  CHECK(parse({"get", "abcd", "--json=id,status"}).value("json") == "id,status");
  CHECK(parse({"get", "--json", "abcd"}).arguments == std::vector<std::string>{"abcd"});
  CHECK(parse({"submit", "-o", "-", "-d"}).value("output") == "-");
}

TEST_CASE("a leading job may be left out, and a plural is its singular") {
  CHECK(parse({"job", "list"}).command->name == "list");
  CHECK(parse({"workers"}).command->name == "worker");
  CHECK(parse({"notifications", "redeliver", "a"}).command->name == "notification redeliver");
  CHECK(parse({"dead", "retry", "class:timeout"}).command->name == "dead retry");
  CHECK(parse({"dead", "class:timeout"}).command->name == "dead");
}

TEST_CASE("several arguments are taken where a command may have them") {
  CHECK(parse({"watch", "a", "b", "--wait", "5m", "c"}).arguments.size() == 3);
  CHECK(parse({"config", "set", "a=1", "b=2"}).arguments.size() == 2);
  CHECK(parse({"list", "user:a", "list"}).arguments.size() == 2);
}

TEST_CASE("what the grammar has not is wrong usage") {
  CHECK(code_of_refusal({"lst"}) == 2);
  CHECK(code_of_refusal({"list", "--nonsense"}) == 2);
  CHECK(code_of_refusal({"get"}) == 2);
  CHECK(code_of_refusal({"get", "a", "b"}) == 2);
  CHECK(code_of_refusal({"submit", "--quality", "best"}) == 2);
  CHECK(code_of_refusal({"list", "--limit"}) == 2);
  CHECK(code_of_refusal({"list", "--all=yes"}) == 2);
  CHECK(code_of_refusal({"list", "--key", "secret"}) == 2);
}

TEST_CASE("a command that is none is answered with the one that is meant") {
  const auto nearest_to = [](const std::string& word) {
    try {
      static_cast<void>(parse({word}));
    } catch (const command_error& error) {
      return error.why;
    }
    return std::string{};
  };
  CHECK(nearest_to("lst") == "the nearest is stayler list");
  CHECK(nearest_to("status") == "the nearest is stayler stats");
  CHECK(nearest_to("dead-letters") == "the nearest is stayler dead");
  CHECK(nearest_to("scale") == "the nearest is stayler config set");
}

TEST_CASE("the value of a flag is not taken for the command") {
  const auto refusal_of = [](const std::vector<std::string>& words) {
    try {
      static_cast<void>(parse(words));
    } catch (const command_error& error) {
      return error.what_failed;
    }
    return std::string{};
  };
  CHECK(refusal_of({"--profile", "home", "lst"}) == "there is no command lst");
  CHECK(refusal_of({"--profile=home", "lst"}) == "there is no command lst");
  CHECK(refusal_of({"-p", "home", "--json", "lst"}) == "there is no command lst");
}

TEST_CASE("a flag that is none is answered with the nearest, and one without its value by name") {
  const auto why = [](const std::vector<std::string>& words) {
    try {
      static_cast<void>(parse(words));
    } catch (const command_error& error) {
      return error.why;
    }
    return std::string{};
  };
  CHECK(why({"list", "--limt", "3"}) == "there is no flag --limt; the nearest is --limit");
  CHECK(why({"list", "--jsn"}) == "there is no flag --jsn; the nearest is --json");
  CHECK(why({"submit", "--person"}) == "--person takes a value: PICTURE");
}

TEST_CASE("help is found for what stands behind it, whatever else is missing") {
  CHECK(parse({"get", "--help"}).command->name == "get");
  CHECK(parse({"-p", "x", "dead", "drop", "-h"}).command->name == "dead drop");
  CHECK(parse({"-h"}).command == nullptr);
}

TEST_CASE("help, completions, manual page and reference name every command and every flag") {
  const console out{output_options{}};
  const auto man = man_page("1.0");
  const auto markdown = markdown_reference();
  for (const auto& command : all_commands()) {
    INFO(command.name);
    const auto help = help_text(command, out);
    CHECK(markdown.find("### stayler " + std::string{command.name} + "\n") != std::string::npos);
    for (const auto& flag : command.flags) {
      INFO(flag.name());
      CHECK(help.find("--" + std::string{flag.name()}) != std::string::npos);
      CHECK(markdown.find("--" + std::string{flag.name()}) != std::string::npos);
      for (const auto* shell : {"bash", "zsh", "fish"}) {
        CHECK(completion_script(shell).find(flag.name()) != std::string::npos);
      }
    }
    CHECK(man.find(std::string{command.summary.substr(0, 8)}) != std::string::npos);
  }
  const auto overview = overview_text(out);
  for (const auto& each : all_exit_codes()) {
    CHECK(overview.find(each.meaning.substr(0, 12)) != std::string::npos);
  }
}

TEST_CASE("docs/cli.md has the reference as the table makes it") {
  const auto text = docs_file();
  const std::string begin = "<!-- commands:begin -->\n";
  const auto first = text.find(begin);
  const auto last = text.find("<!-- commands:end -->");
  REQUIRE(first != std::string::npos);
  REQUIRE(last != std::string::npos);
  // Otherwise run scripts/update-docs.
  CHECK(text.substr(first + begin.size(), last - first - begin.size()) == markdown_reference());
}
