// SPDX-License-Identifier: MIT
#include "app/cli/texts/reference.hpp"

#include "app/cli/exit_code.hpp"
#include "app/cli/table/command_table.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

/// A cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '|' ? std::string{"\\|"} : std::string{c};
  }
  return escaped;
}

std::string named_flag(const flag_spec& flag) {
  std::string text{flag.names};
  if (!flag.value.empty()) {
    text += (flag.value_is_optional ? "[=" : " ") + std::string{flag.value};
    text += flag.value_is_optional ? "]" : "";
  }
  return text;
}

std::string explained_flag(const flag_spec& flag) {
  std::string text{flag.meaning};
  for (std::size_t i = 0; i < flag.choices.size(); ++i) {
    text += (i == 0 ? ": " : ", ") + std::string{flag.choices[i]};
  }
  return text + (flag.may_repeat ? "; may come again" : "");
}

std::string markdown_flags(std::span<const flag_spec> flags) {
  std::string text = "| flag | meaning |\n| --- | --- |\n";
  for (const auto& flag : flags) {
    text += fmt::format("| `{}` | {} |\n", cell(named_flag(flag)), cell(explained_flag(flag)));
  }
  return text;
}

std::string markdown_command(const command_spec& command) {
  std::string text = fmt::format("### stayler {}\n\n", command.name);
  std::string summary{command.summary};
  summary[0] =
      static_cast<char>(summary[0] >= 'a' && summary[0] <= 'z' ? summary[0] - 32 : summary[0]);
  text += fmt::format("{}.", summary);
  if (!command.description.empty()) {
    text += " " + std::string{command.description};
  }
  if (!command.role.empty()) {
    text += fmt::format(" Role: {}.", command.role);
  }
  text += "\n\n    " + usage_line(command) + "\n\n";
  for (const auto& argument : command.arguments) {
    text += fmt::format("`{}`: {}.\n\n", argument.name, argument.meaning);
  }
  if (!command.flags.empty()) {
    text += markdown_flags(command.flags) + "\n";
  }
  if (!command.examples.empty()) {
    text += "```sh\n";
    for (const auto example : command.examples) {
      text += std::string{example} + "\n";
    }
    text += "```\n\n";
  }
  return text;
}

/// A text in which nothing is a request or an escape of roff.
std::string roff(std::string_view text) {
  std::string escaped = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string man_rows(std::span<const flag_spec> flags) {
  std::string text;
  for (const auto& flag : flags) {
    text += fmt::format(".TP\n.B {}\n{}\n", roff(named_flag(flag)), roff(explained_flag(flag)));
  }
  return text;
}

std::string man_command(const command_spec& command) {
  auto text = fmt::format(".SS {}\n{}.", roff(usage_line(command)), roff(command.summary));
  if (!command.description.empty()) {
    text += " " + roff(command.description);
  }
  text += "\n";
  for (const auto& argument : command.arguments) {
    text += fmt::format(".TP\n.I {}\n{}\n", roff(argument.name), roff(argument.meaning));
  }
  text += man_rows(command.flags);
  for (const auto example : command.examples) {
    text += fmt::format(".PP\n.nf\n    {}\n.fi\n", roff(example));
  }
  return text;
}

}  // namespace

std::string markdown_reference() {
  std::string text = "## Flags of all commands\n\n" + markdown_flags(global_flags());
  text += "\n## Filters\n\n| word | which jobs |\n| --- | --- |\n";
  for (const auto& each : all_filter_words()) {
    text += fmt::format("| `{}` | {} |\n", each.word, cell(each.meaning));
  }
  text += "\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n";
  for (const auto& each : all_exit_codes()) {
    text += fmt::format("| {} | {} |\n", static_cast<int>(each.code), cell(each.meaning));
  }
  text += "\n## Commands\n\n";
  for (const auto& each : all_commands()) {
    text += markdown_command(each);
  }
  text.pop_back();
  return text;
}

std::string man_page(std::string_view version) {
  auto text = fmt::format(
      ".TH STAYLER 1 \"\" \"stayler {}\" \"User Commands\"\n.SH NAME\n"
      "stayler \\- the command line of stayler\\-worker\n"
      ".SH SYNOPSIS\n.B stayler\n[FLAGS] COMMAND [ARGUMENTS]\n"
      ".SH DESCRIPTION\nTalks to a running stayler\\-worker: submits jobs, follows them, says why "
      "they "
      "wait, and looks after the service.\n.SH OPTIONS\n",
      version
  );
  text += man_rows(global_flags()) + ".SH COMMANDS\n";
  for (const auto& each : all_commands()) {
    text += man_command(each);
  }
  text += ".SH FILTERS\n";
  for (const auto& each : all_filter_words()) {
    text += fmt::format(".TP\n.B {}\n{}\n", roff(each.word), roff(each.meaning));
  }
  text += ".SH EXIT STATUS\n";
  for (const auto& each : all_exit_codes()) {
    text += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(each.code), roff(each.meaning));
  }
  return text
         + ".SH ENVIRONMENT\n.TP\n.B STAYLER_URL\nthe service's address\n.TP\n.B STAYLER_API_KEY\n"
           "the API key\n.TP\n.B STAYLER_KEY_FILE\na file with the API key\n.TP\n.B STAYLER_PROFILE\n"
           "the profile\n.TP\n.B STAYLER_CA_FILE\nauthorities to trust\n.TP\n.B STAYLER_CONFIG\n"
           "the file with the profiles\n.TP\n.B NO_COLOR\nno colours\n"
           ".SH FILES\n.I ~/.config/stayler/config.toml\n";
}

}  // namespace stayler::cli
