// SPDX-License-Identifier: MIT
#include "app/cli/texts/help_text.hpp"

#include "app/cli/exit_code.hpp"
#include "app/cli/table/command_table.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stayler::cli {

namespace {

constexpr std::size_t usual_text_width = 96;
constexpr std::size_t least_text_width = 40;
constexpr std::size_t least_name_width = 12;

/// As wide as the terminal, within what can be read.
std::size_t text_width(const console& out) {
  return out.width() == 0 ? usual_text_width
                          : std::clamp(out.width(), least_text_width, usual_text_width);
}

/// "name   meaning", the meaning in as many lines as it takes.
std::string row(
    const console& out, std::string_view name, std::string_view meaning, std::size_t width
) {
  const auto least = least_text_width / 2;
  const auto left = std::max(text_width(out), width + 4 + least) - width - 4;
  const auto text = wrapped(meaning, left, width + 4);
  return fmt::format("  {:<{}}  {}\n", name, width, text.substr(std::min(width + 4, text.size())));
}

std::string flag_name(const flag_spec& flag) {
  if (flag.value.empty()) {
    return std::string{flag.names};
  }
  return std::string{flag.names} + (flag.value_is_optional ? "[=" : " ") + std::string{flag.value}
         + (flag.value_is_optional ? "]" : "");
}

std::string flag_meaning(const flag_spec& flag) {
  std::string text{flag.meaning};
  for (std::size_t i = 0; i < flag.choices.size(); ++i) {
    text += (i == 0 ? " (" : ", ") + std::string{flag.choices[i]};
  }
  return text + (flag.choices.empty() ? "" : ")") + (flag.may_repeat ? "; may come again" : "");
}

std::string flag_rows(const console& out, std::span<const flag_spec> flags) {
  std::size_t width = least_name_width;
  for (const auto& flag : flags) {
    width = std::max(width, flag_name(flag).size());
  }
  std::string text;
  for (const auto& flag : flags) {
    text += row(out, flag_name(flag), flag_meaning(flag), width);
  }
  return text;
}

std::string command_rows(const console& out, const std::vector<const command_spec*>& commands) {
  std::size_t width = least_name_width;
  for (const auto* each : commands) {
    width = std::max(width, each->name.size());
  }
  std::string text;
  for (const auto* each : commands) {
    const auto mark = commands_below(each->name).empty() ? "" : " +";
    text += row(out, std::string{each->name} + mark, each->summary, width);
  }
  return text;
}

std::vector<const command_spec*> top_commands() {
  std::vector<const command_spec*> found;
  for (const auto& each : all_commands()) {
    if (each.name.find(' ') == std::string_view::npos) {
      found.push_back(&each);
    }
  }
  return found;
}

std::string exit_code_rows(const console& out) {
  std::string text;
  for (const auto& each : all_exit_codes()) {
    text += row(out, std::to_string(static_cast<int>(each.code)), each.meaning, 3);
  }
  return text;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t used = 0;
  while (!text.empty()) {
    const auto word = take_until(text, " ");
    if (used > 0 && used + 1 + word.size() > width) {
      lines += '\n';
      used = 0;
    }
    lines += used == 0 ? std::string(indent, ' ') : " ";
    lines += word;
    used += word.size() + (used == 0 ? 0 : 1);
  }
  return lines;
}

std::string overview_text(const console& out) {
  const auto title = [&out](std::string_view text) { return out.paint(colour::bold, text) + "\n"; };
  return "stayler dresses users in garments: it talks to a running stayler-worker.\n\n"
         + title("Begin with")
         + "  stayler submit --person me.jpg --garment coat.png -o out.jpg    a picture, end to end\n"
           "  stayler list              the jobs; filters: status:failed user:ann since:1h\n"
           "  stayler watch ID          follow one to its end\n"
           "  stayler why ID            why a job waits or has failed, and what would help\n"
           "  stayler retry ID          try one that has failed again; stayler dead groups sorts them\n"
           "  stayler config set maxWorkers=10    more workers, without a restart\n"
           "  stayler doctor            whether all is well, and what to do if not\n\n"
         + title("Commands") + command_rows(out, top_commands()) + "  Behind + are further ones: stayler "
         "dead --help lists dead retry and others.\n\n" + title("Flags of all commands")
         + flag_rows(out, global_flags()) + "\n" + title("Exit codes") + exit_code_rows(out)
         + "\nstayler COMMAND --help says more of each, stayler help filters what jobs can be "
           "chosen by,\nstayler help profiles how to keep addresses and keys.";
}

std::string help_text(const command_spec& command, const console& out) {
  const auto title = [&out](std::string_view text) {
    return "\n" + out.paint(colour::bold, text) + "\n";
  };
  std::string text =
      usage_line(command) + "\n\n" + wrapped(command.summary, text_width(out), 0) + "\n";
  if (!command.description.empty()) {
    text += wrapped(command.description, text_width(out), 0) + "\n";
  }
  if (!command.role.empty()) {
    text += fmt::format("Where there are API keys: role {}.\n", command.role);
  }
  if (const auto below = commands_below(command.name); !below.empty()) {
    text += title("Commands") + command_rows(out, below);
  }
  if (!command.arguments.empty()) {
    text += title("Arguments");
    for (const auto& argument : command.arguments) {
      text += row(out, argument.name, argument.meaning, least_name_width);
    }
  }
  if (!command.flags.empty()) {
    text += title("Flags") + flag_rows(out, command.flags);
  }
  if (!command.examples.empty()) {
    text += title("Examples");
    for (const auto& example : command.examples) {
      text += "  " + std::string{example} + "\n";
    }
  }
  return text + "\nFlags of all commands (--json, --url, -p, -y, ...): stayler --help.";
}

std::string filters_text(const console& out) {
  std::string text = "Jobs are chosen by words, all of which have to hold:\n";
  for (const auto& each : all_filter_words()) {
    text += row(out, each.word, each.meaning, 24);
  }
  return text
         + "Several values of status, type and class are separated by commas: status:failed,"
           "cancelled.\nThe same words work in the dashboard's search box.";
}

}  // namespace stayler::cli
