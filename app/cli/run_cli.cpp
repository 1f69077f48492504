// SPDX-License-Identifier: MIT
#include "app/cli/run_cli.hpp"

#include "app/cli/command_context.hpp"
#include "app/cli/output/error_texts.hpp"
#include "app/cli/table/command_table.hpp"
#include "app/cli/texts/help_text.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <unistd.h>

namespace stayler::cli {

namespace {

std::vector<std::string> split_fields(std::string_view text) {
  std::vector<std::string> fields;
  while (!text.empty()) {
    const auto field = trim(take_until(text, ","));
    if (!field.empty()) {
      fields.emplace_back(field);
    }
  }
  return fields;
}

time_style style_of(const parsed_line& line) {
  const auto wanted = line.value("time").value_or("relative");
  return wanted == "utc"     ? time_style::utc
         : wanted == "local" ? time_style::local
                             : time_style::relative;
}

bool wants_colour(const parsed_line& line, const variables& environment) {
  const auto wanted = line.value("color").value_or("auto");
  if (wanted != "auto") {
    return wanted == "always";
  }
  return ::isatty(STDOUT_FILENO) == 1 && !environment("NO_COLOR")
         && environment("TERM").value_or("dumb") != "dumb";
}

output_options options_of(const parsed_line& line, const variables& environment) {
  output_options options;
  options.is_json = line.has("json");
  if (const auto fields = line.value("json"); fields && *fields != "true") {
    options.json_fields = split_fields(*fields);
  }
  options.is_quiet = line.has("quiet");
  options.is_verbose = line.has("verbose");
  options.has_colour = wants_colour(line, environment);
  options.has_unicode = shows_unicode(
      environment("LC_ALL").value_or(""), environment("LC_CTYPE").value_or(""),
      environment("LANG").value_or("")
  );
  options.says_yes = line.has("yes");
  options.asks_nothing = options.is_json || line.has("no-input") || ::isatty(STDIN_FILENO) != 1
                         || ::isatty(STDERR_FILENO) != 1;
  options.times = style_of(line);
  return options;
}

int run_command(const parsed_line& line, const console& out, const variables& environment) {
  if (line.wants_version) {
    out.print("stayler " STAYLER_VERSION);
    return 0;
  }
  if (line.wants_help || line.command == nullptr || line.command->run == nullptr) {
    out.print(line.command == nullptr ? overview_text(out) : help_text(*line.command, out));
    return line.wants_help ? 0 : static_cast<int>(exit_code::usage);
  }
  command_context context{line, out, environment};
  return line.command->run(context);
}

/// What a line that cannot be parsed still says of how errors are wanted.
bool asks_for_json(std::span<const std::string> words) {
  return std::ranges::any_of(words, [](const auto& word) {
    return word == "--json" || word.starts_with("--json=");
  });
}

}  // namespace

int run_cli(std::span<const std::string> words, const variables& environment) {
  output_options options;
  options.is_json = asks_for_json(words);
  try {
    const auto line = parse_command_line(words);
    options = options_of(line, environment);
    return run_command(line, console{options}, environment);
  } catch (const reader_left&) {
    return 0;
  } catch (const command_error& error) {
    const console out{options};
    out.complain(options.is_json ? error_as_json(error) : error_as_text(error));
    return static_cast<int>(error.code);
  }
}

}  // namespace stayler::cli
