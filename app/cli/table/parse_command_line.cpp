// SPDX-License-Identifier: MIT
#include "app/cli/table/parse_command_line.hpp"

#include "adapters/config/wording.hpp"
#include "app/cli/command_error.hpp"
#include "app/cli/table/command_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <CLI/CLI.hpp>
#include <functional>
#include <utility>

namespace stayler::cli {

namespace {

/// A command as CLI11 has it, with the options whose results are wanted.
struct built_command {
  const command_spec* spec = nullptr;
  CLI::App* app = nullptr;
  std::vector<std::pair<std::string, CLI::Option*>> flags;
  std::vector<CLI::Option*> arguments;
};

CLI::Option* add_flag(CLI::App& app, const flag_spec& flag) {
  std::string names{flag.names};
  std::erase(names, ' ');
  if (flag.value.empty()) {
    return app.add_flag(names)->disable_flag_override();
  }
  if (flag.value_is_optional) {
    return app.add_flag(names);
  }
  auto* option = app.add_option(names);
  option->type_size(1)->expected(1);
  option->multi_option_policy(
      flag.may_repeat ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast
  );
  if (!flag.choices.empty()) {
    option->check(CLI::IsMember{std::vector<std::string>{flag.choices.begin(), flag.choices.end()}}
    );
  }
  return option;
}

/// CLI11 takes no other characters in a name; the help has it as the table does.
std::string plain_name(std::string_view name) {
  std::string plain{name};
  std::ranges::replace_if(
      plain, [](char c) { return c == '=' || c == '|'; }, '-'
  );
  return plain;
}

CLI::Option* add_argument(CLI::App& app, const argument_spec& argument) {
  auto* option = app.add_option(plain_name(argument.name));
  option->type_size(1)->expected(1);
  if (argument.may_repeat) {
    option->expected(CLI::detail::expected_max_vector_size);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  if (!argument.choices.empty()) {
    option->check(CLI::IsMember{
        std::vector<std::string>{argument.choices.begin(), argument.choices.end()}});
  }
  return option->required(argument.is_required);
}

built_command build(CLI::App& parent, const command_spec& spec) {
  const auto space = spec.name.rfind(' ');
  const std::string word{space == std::string_view::npos ? spec.name : spec.name.substr(space + 1)};
  built_command made;
  made.spec = &spec;
  made.app = parent.add_subcommand(word);
  made.app->fallthrough()->require_subcommand(0, 1)->set_help_flag();
  if (!word.ends_with('s')) {
    made.app->alias(word + "s");
  }
  for (const auto& flag : spec.flags) {
    made.flags.emplace_back(flag.name(), add_flag(*made.app, flag));
  }
  for (const auto& argument : spec.arguments) {
    made.arguments.push_back(add_argument(*made.app, argument));
  }
  return made;
}

std::vector<built_command> build_all(CLI::App& root) {
  std::vector<built_command> all;
  for (const auto& spec : all_commands()) {
    const auto space = spec.name.find(' ');
    CLI::App* parent = &root;
    if (space != std::string_view::npos) {
      parent = root.get_subcommand(std::string{spec.name.substr(0, space)});
    }
    all.push_back(build(*parent, spec));
  }
  return all;
}

void keep(parsed_line& line, const std::string& name, const CLI::Option* option) {
  if (option->count() > 0) {
    line.flags[name] = option->results();
  }
}

/// The command whose help is wanted: the longest name that these words begin with.
const command_spec* named_command(std::span<const std::string> words) {
  const command_spec* found = nullptr;
  for (const auto& word : words) {
    if (word == "--") {
      break;
    }
    if (word.starts_with('-')) {
      continue;
    }
    const auto prefix = found == nullptr ? std::string{} : std::string{found->name} + " ";
    const auto* next = find_command(prefix + word);
    if (next == nullptr && word.ends_with('s')) {
      next = find_command(prefix + word.substr(0, word.size() - 1));
    }
    found = next != nullptr ? next : found;
  }
  return found;
}

bool has_word(std::span<const std::string> words, std::string_view one, std::string_view other) {
  const auto end = std::ranges::find(words, "--");
  return std::any_of(words.begin(), end, [&](const auto& word) {
    return word == one || word == other;
  });
}

/// What people type elsewhere, and what is meant by it here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> other_words{{
    {"status", "stats"},
    {"health", "doctor"},
    {"check", "doctor"},
    {"logs", "tail"},
    {"events", "tail"},
    {"follow", "watch"},
    {"show", "get"},
    {"describe", "get"},
    {"delete", "cancel"},
    {"scale", "config set"},
    {"dead-letters", "dead"},
    {"dead-letter", "dead"},
    {"set", "config set"},
    {"upload", "image put"},
}};

/// The command that is nearest to a word that is none.
std::string meant_command(const std::string& word) {
  const auto other = std::ranges::find(
      other_words, std::string_view{word}, &std::pair<std::string_view, std::string_view>::first
  );
  if (other != other_words.end()) {
    return std::string{other->second};
  }
  std::vector<std::string> names;
  for (const auto& each : all_commands()) {
    names.emplace_back(each.name);
  }
  return adapters::nearest_name(word, names);
}

/// The flag that this word stands for; null where it is none.
const flag_spec* find_flag(std::string_view word, const command_spec* command) {
  const auto name = word.substr(0, word.find('='));
  const auto is_it = [name](const flag_spec& flag) {
    return name == "--" + std::string{flag.name()}
           || (name.size() == 2 && flag.names.starts_with(name));
  };
  const auto own = command == nullptr ? std::span<const flag_spec>{} : std::span{command->flags};
  for (const auto flags : {own, global_flags()}) {
    if (const auto found = std::ranges::find_if(flags, is_it); found != flags.end()) {
      return &*found;
    }
  }
  return nullptr;
}

/// The first word that is neither a flag nor the value of one.
[[noreturn]] void explain_unknown(std::span<const std::string> words) {
  bool is_value = false;
  for (const auto& word : words) {
    if (std::exchange(is_value, false)) {
      continue;
    }
    if (word.starts_with('-')) {
      const auto* flag = find_flag(word, nullptr);
      is_value = flag != nullptr && !flag->value.empty() && !flag->value_is_optional
                 && word.find('=') == std::string::npos;
      continue;
    }
    refuse_usage(
        "there is no command " + word, "the nearest is stayler " + meant_command(word),
        "stayler --help lists all"
    );
  }
  refuse_usage("cannot tell which command is meant", "none is named");
}

std::string nearest_flag(const std::string& word, const command_spec* command) {
  std::vector<std::string> names;
  const auto own = command == nullptr ? std::span<const flag_spec>{} : std::span{command->flags};
  for (const auto flags : {own, global_flags()}) {
    for (const auto& flag : flags) {
      names.push_back("--" + std::string{flag.name()});
    }
  }
  return adapters::nearest_name(word.substr(0, word.find('=')), names);
}

/// What is wrong, in our words where CLI11's are about itself.
std::string explain_misuse(
    const CLI::ParseError& error, std::span<const std::string> words, const command_spec* command
) {
  for (const auto& word : words) {
    if (word == "--") {
      break;
    }
    if (word.starts_with("--") && find_flag(word, command) == nullptr) {
      return fmt::format(
          "there is no flag {}; the nearest is {}", word, nearest_flag(word, command)
      );
    }
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const auto* flag = find_flag(words.back(), command);
    if (flag != nullptr && !flag->value.empty()) {
      return fmt::format("{} takes a value: {}", words.back(), flag->value);
    }
  }
  return error.what();
}

[[noreturn]] void explain(const CLI::ParseError& error, std::span<const std::string> words) {
  const auto* command = named_command(words);
  if (command == nullptr && dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    explain_unknown(words);
  }
  const auto what = command == nullptr ? std::string{} : " " + std::string{command->name};
  const std::string advice = "stayler" + what + " --help shows what can be said";
  refuse_usage(
      command == nullptr ? "cannot tell which command is meant"
                         : "cannot run " + std::string{command->name},
      explain_misuse(error, words, command), advice
  );
}

}  // namespace

std::optional<std::string> parsed_line::value(std::string_view flag) const {
  const auto found = flags.find(flag);
  return found == flags.end() || found->second.empty() ? std::nullopt
                                                       : std::optional{found->second.back()};
}

std::vector<std::string> parsed_line::values(std::string_view flag) const {
  const auto found = flags.find(flag);
  return found == flags.end() ? std::vector<std::string>{} : found->second;
}

parsed_line parse_command_line(std::span<const std::string> words) {
  if (!words.empty() && (words.front() == "job" || words.front() == "jobs")) {
    words = words.subspan(1);
  }
  parsed_line line;
  line.wants_help = has_word(words, "-h", "--help");
  line.wants_version = has_word(words, "--version", "--version");
  if (line.wants_help || line.wants_version) {
    line.command = named_command(words);
    return line;
  }
  CLI::App root;
  root.set_help_flag();
  root.require_subcommand(0, 1);
  std::vector<std::pair<std::string, CLI::Option*>> global;
  for (const auto& flag : global_flags()) {
    global.emplace_back(flag.name(), add_flag(root, flag));
  }
  const auto commands = build_all(root);
  try {
    root.parse(std::vector<std::string>{words.rbegin(), words.rend()});
  } catch (const CLI::ParseError& error) {
    explain(error, words);
  }
  for (const auto& [name, option] : global) {
    keep(line, name, option);
  }
  for (const auto& each : commands) {
    if (!each.app->parsed()) {
      continue;
    }
    line.command = each.spec;  // a command of two words comes after its first word
    for (const auto& [name, option] : each.flags) {
      keep(line, name, option);
    }
    for (const auto* argument : each.arguments) {
      const auto& given = argument->results();
      line.arguments.insert(line.arguments.end(), given.begin(), given.end());
    }
  }
  return line;
}

}  // namespace stayler::cli
