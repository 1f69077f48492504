// SPDX-License-Identifier: MIT
#include "app/cli/texts/completions.hpp"

#include "app/cli/table/command_table.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

/// "-o, --output" as single names.
std::vector<std::string_view> names_of(const flag_spec& flag) {
  std::vector<std::string_view> names;
  for (std::string_view rest = flag.names; !rest.empty();) {
    names.push_back(trim(take_until(rest, ",")));
  }
  return names;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const auto word : words) {
    text += (text.empty() ? "" : " ") + std::string{word};
  }
  return text;
}

std::string filter_words() {
  std::string text;
  for (const auto& each : all_filter_words()) {
    std::string_view word = each.word;
    text += (text.empty() ? "" : " ") + std::string{take_until(word, ":")} + ":";
  }
  return text;
}

/// What is offered behind a command where no flag's value is wanted.
std::string words_of(const command_spec& command) {
  std::string text;
  const auto add = [&text](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  for (const auto* below : commands_below(command.name)) {
    add(std::string{below->name.substr(command.name.size() + 1)});
  }
  for (const auto& argument : command.arguments) {
    if (argument.completes == completion::job_filter) {
      add(filter_words());
    }
    if (!argument.choices.empty()) {
      add(joined(argument.choices));
    }
  }
  for (const auto& flag : command.flags) {
    add(joined(names_of(flag)));
  }
  return text;
}

std::string global_words() {
  std::string text;
  for (const auto& flag : global_flags()) {
    text += (text.empty() ? "" : " ") + joined(names_of(flag));
  }
  return text;
}

std::string top_words() {
  std::string text;
  for (const auto& each : all_commands()) {
    if (each.name.find(' ') == std::string_view::npos) {
      text += (text.empty() ? "" : " ") + std::string{each.name};
    }
  }
  return text;
}

/// The lines of bash that complete a flag's value, behind one command or (empty) all.
std::string bash_values(std::string_view command, std::span<const flag_spec> flags) {
  std::string text;
  for (const auto& flag : flags) {
    if (flag.value.empty() || flag.value_is_optional) {
      continue;
    }
    for (const auto name : names_of(flag)) {
      const auto what = flag.completes == completion::file
                            ? std::string{R"(compgen -f -- "$word")"}
                            : fmt::format(R"(compgen -W "{}" -- "$word")", joined(flag.choices));
      text += fmt::format(
          "    \"{}{}\") mapfile -t COMPREPLY < <({}); return ;;\n",
          command.empty() ? "*:" : std::string{command} + ":", name, what
      );
    }
  }
  return text;
}

std::string bash_script() {
  std::string script =
      "# bash completion for stayler; made by stayler completion bash\n"
      "_stayler() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' each\n"
      "  for each in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$command $each\" in\n";
  for (const auto& each : all_commands()) {
    const auto space = each.name.find(' ');
    const auto pattern =
        space == std::string_view::npos ? " " + std::string{each.name} : std::string{each.name};
    script += fmt::format("      \"{}\") command='{}' ;;\n", pattern, each.name);
  }
  script += "    esac\n  done\n  case \"$command:$before\" in\n";
  for (const auto& each : all_commands()) {
    script += bash_values(each.name, each.flags);
  }
  script += bash_values({}, global_flags());
  script += "  esac\n  local words=''\n  case $command in\n";
  script += fmt::format("    '') words='{}' ;;\n", top_words());
  for (const auto& each : all_commands()) {
    script += fmt::format("    '{}') words='{}' ;;\n", each.name, words_of(each));
  }
  return script
         + fmt::format(
             "  esac\n  mapfile -t COMPREPLY < <(compgen -W \"$words {}\" -- \"$word\")\n",
             global_words()
         )
         + "  [[ ${COMPREPLY[0]-} != *: ]] || compopt -o nospace\n}\n"
           "complete -o default -F _stayler stayler\n";
}

std::string zsh_quoted(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += (c == '[' || c == ']' || c == ':') ? std::string{"\\"} + c : std::string{c};
    }
  }
  return quoted;
}

std::string zsh_flag(const flag_spec& flag) {
  std::string lines;
  for (const auto name : names_of(flag)) {
    const std::string action = flag.completes == completion::file ? "_files"
                               : flag.choices.empty()             ? " "
                                                      : "(" + joined(flag.choices) + ")";
    const auto value = flag.value.empty() || flag.value_is_optional
                           ? std::string{}
                           : fmt::format(":{}:{}", zsh_quoted(flag.value), action);
    lines += fmt::format(
        "        '{}{}[{}]{}' \\\n", flag.may_repeat ? "*" : "", name, zsh_quoted(flag.meaning),
        value
    );
  }
  return lines;
}

std::string zsh_script() {
  std::string script =
      "#compdef stayler\n# zsh completion for stayler; made by stayler completion zsh\n"
      "_stayler() {\n"
      "  local command='' each\n"
      "  for each in \"${(@)words[2,CURRENT-1]}\"; do\n"
      "    case \"$command $each\" in\n";
  for (const auto& each : all_commands()) {
    const bool is_top = each.name.find(' ') == std::string_view::npos;
    script +=
        fmt::format("      \"{}{}\") command='{}' ;;\n", is_top ? " " : "", each.name, each.name);
  }
  script += "    esac\n  done\n  case $command in\n    '')\n      _arguments -S \\\n";
  std::string global;
  for (const auto& flag : global_flags()) {
    global += zsh_flag(flag);
  }
  script += global + fmt::format("        '*:command:({})' ;;\n", top_words());
  for (const auto& each : all_commands()) {
    script += fmt::format("    '{}')\n      _arguments -S \\\n{}", each.name, global);
    for (const auto& flag : each.flags) {
      script += zsh_flag(flag);
    }
    const auto& arguments = each.arguments;
    const bool takes_files = !arguments.empty() && arguments.front().completes == completion::file;
    std::string words = takes_files ? "_files" : "(" + words_of(each) + ")";
    std::string escaped;
    for (const char c : words) {
      escaped += c == ':' ? std::string{"\\:"} : std::string{c};
    }
    script += fmt::format("        '*:argument:{}' ;;\n", escaped);
  }
  return script + "  esac\n}\n_stayler \"$@\"\n";
}

std::string fish_quoted(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    quoted += c == '\'' || c == '\\' ? std::string{"\\"} + c : std::string{c};
  }
  return "'" + quoted + "'";
}

std::string fish_flag(const flag_spec& flag, const std::string& condition) {
  std::string line = "complete -c stayler" + condition;
  for (const auto name : names_of(flag)) {
    line += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2))
                                   : fmt::format(" -s {}", name.substr(1));
  }
  if (!flag.value.empty() && !flag.value_is_optional) {
    line += flag.completes == completion::file ? " -r -F" : " -x";
    line += flag.choices.empty() ? "" : " -a " + fish_quoted(joined(flag.choices));
  }
  return line + " -d " + fish_quoted(flag.meaning) + "\n";
}

std::string fish_command(const command_spec& command) {
  const auto space = command.name.find(' ');
  const bool is_top = space == std::string_view::npos;
  const auto own = is_top ? command.name : command.name.substr(space + 1);
  std::string script = fmt::format(
      "complete -c stayler -f -n {} -a {} -d {}\n",
      fish_quoted(
          is_top ? "__fish_use_subcommand"
                 : fmt::format("__fish_seen_subcommand_from {}", command.name.substr(0, space))
      ),
      own, fish_quoted(command.summary)
  );
  const auto condition = " -n " + fish_quoted(fmt::format("__fish_seen_subcommand_from {}", own));
  for (const auto& flag : command.flags) {
    script += fish_flag(flag, condition);
  }
  for (const auto& argument : command.arguments) {
    if (argument.completes == completion::job_filter) {
      script +=
          fmt::format("complete -c stayler -f{} -a {}\n", condition, fish_quoted(filter_words()));
    }
    if (!argument.choices.empty()) {
      script += fmt::format(
          "complete -c stayler -f{} -a {}\n", condition, fish_quoted(joined(argument.choices))
      );
    }
  }
  return script;
}

std::string fish_script() {
  std::string script = "# fish completion for stayler; made by stayler completion fish\n";
  for (const auto& flag : global_flags()) {
    script += fish_flag(flag, "");
  }
  for (const auto& each : all_commands()) {
    script += fish_command(each);
  }
  return script;
}

}  // namespace

std::string completion_script(std::string_view shell) {
  if (shell == "bash") {
    return bash_script();
  }
  if (shell == "zsh") {
    return zsh_script();
  }
  return shell == "fish" ? fish_script() : std::string{};
}

}  // namespace stayler::cli
