// SPDX-License-Identifier: MIT
#include "app/cli/table/command_table.hpp"

#include "app/cli/commands/commands.hpp"

#include <algorithm>
#include <array>

namespace stayler::cli {

namespace {

std::vector<command_spec> make_table() {
  std::vector<command_spec> table;
  for (const auto& group :
       {job_commands(), job_change_commands(), dead_letter_commands(), image_commands(),
        service_commands(), stats_commands(), money_commands(), dispatch_commands(),
        configuration_commands(), record_commands(), event_commands(), doctor_commands(),
        support_commands(), login_commands(), profile_commands(), program_commands()}) {
    table.insert(table.end(), group.begin(), group.end());
  }
  return table;
}

std::vector<flag_spec> make_global_flags() {
  return {
      {.names = "-p, --profile",
       .value = "NAME",
       .meaning = "take address and key from that profile; else STAYLER_PROFILE"},
      {.names = "--url",
       .value = "URL",
       .meaning = "the service; else STAYLER_URL, the profile, http://127.0.0.1:8080"},
      {.names = "--key-file",
       .value = "FILE",
       .meaning = "read the API key from a file; else STAYLER_API_KEY, the profile",
       .completes = completion::file},
      {.names = "--json",
       .value = "FIELDS",
       .meaning = "JSON on stdout and no questions; with =id,status only these fields",
       .value_is_optional = true},
      {.names = "--time",
       .value = "HOW",
       .meaning = "how times are shown",
       .choices = {"relative", "local", "utc"},
       .completes = completion::choices},
      {.names = "--color",
       .value = "WHEN",
       .meaning = "colours: usually on a terminal, and not where NO_COLOR is set",
       .choices = {"auto", "always", "never"},
       .completes = completion::choices},
      {.names = "-q, --quiet", .value = "", .meaning = "nothing on stderr but errors"},
      {.names = "-v, --verbose",
       .value = "",
       .meaning = "each request and its answer's status on stderr"},
      {.names = "--timeout",
       .value = "TIME",
       .meaning = "the longest wait for one answer; usually 10s"},
      {.names = "-y, --yes", .value = "", .meaning = "do it without asking"},
      {.names = "--no-input", .value = "", .meaning = "never ask: refuse what needs --yes"},
      {.names = "-h, --help", .value = "", .meaning = "help for the command"},
      {.names = "--version", .value = "", .meaning = "the version of this program"},
  };
}

}  // namespace

std::span<const command_spec> all_commands() {
  static const std::vector<command_spec> table = make_table();
  return table;
}

std::span<const flag_spec> global_flags() {
  static const std::vector<flag_spec> flags = make_global_flags();
  return flags;
}

const command_spec* find_command(std::string_view name) {
  const auto table = all_commands();
  const auto found = std::ranges::find(table, name, &command_spec::name);
  return found == table.end() ? nullptr : &*found;
}

std::vector<const command_spec*> commands_below(std::string_view name) {
  std::vector<const command_spec*> found;
  for (const auto& each : all_commands()) {
    if (each.name.size() > name.size() && each.name.starts_with(name)
        && each.name[name.size()] == ' ') {
      found.push_back(&each);
    }
  }
  return found;
}

std::string usage_line(const command_spec& command) {
  std::string line = "stayler " + std::string{command.name};
  if (!command.flags.empty()) {
    line += " [FLAGS]";
  }
  for (const auto& argument : command.arguments) {
    const auto name = std::string{argument.name} + (argument.may_repeat ? "..." : "");
    line += argument.is_required ? " " + name : " [" + name + "]";
  }
  return line;
}

std::span<const filter_word_row> all_filter_words() noexcept {
  static constexpr std::array<filter_word_row, 9> words{{
      {"status:failed", "pending, scheduled, processing, completed, failed or cancelled"},
      {"type:image_conversion", "the type of job"},
      {"class:timeout", "the class of the job's error"},
      {"user:ann", "the user"},
      {"conversion:c-1", "the conversion"},
      {"id:01936d4e", "ids that begin so"},
      {"since:1h", "came in the last hour; or a date, or a time"},
      {"before:2026-11-28", "came before that date (UTC), time, or that long ago"},
      {"group:9f2c41d07ab35e18", "dead letters of one group of `stayler dead groups`"},
  }};
  return words;
}

}  // namespace stayler::cli
