// SPDX-License-Identifier: MIT
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/table/command_table.hpp"
#include "app/cli/texts/completions.hpp"
#include "app/cli/texts/help_text.hpp"
#include "app/cli/texts/reference.hpp"

namespace stayler::cli {

namespace {

constexpr std::string_view profiles_text =
    R"(Addresses and keys are kept in ~/.config/stayler/config.toml, which nobody else may read (chmod 600):

    default = "local"

    [profiles.local]
    url = "http://127.0.0.1:8080"

    [profiles.production]
    url = "https://worker.example.com"
    key_file = "~/.stayler-key"        # or key_command = "pass show stayler"
    ca_file = "~/ca.pem"               # authorities to trust instead of the system's
    user = "ann"                       # whose jobs these are, unless --user says so
    badge = "PRODUCTION"               # before each question
    readonly = true                    # refuses what changes something
    columns = ["id", "status", "state"]

One is chosen by -p NAME, STAYLER_PROFILE or default. STAYLER_URL, STAYLER_API_KEY, STAYLER_KEY_FILE
and STAYLER_CA_FILE go before what it says. A key is never taken from the command line, where
others could see it.)";

int run_help(command_context& context) {
  std::string name;
  for (const auto& word : context.given.arguments) {
    name += (name.empty() ? "" : " ") + word;
  }
  if (name.empty()) {
    context.out.print(overview_text(context.out));
  } else if (name == "filters") {
    context.out.print(filters_text(context.out));
  } else if (name == "profiles") {
    context.out.print(profiles_text);
  } else if (const auto* command = find_command(name)) {
    context.out.print(help_text(*command, context.out));
  } else {
    refuse_usage("there is no command " + name, "", "stayler help lists them");
  }
  return 0;
}

int run_version(command_context& context) {
  context.out.print(
      context.out.is_json() ? R"({"version":")" STAYLER_VERSION R"("})" : "stayler " STAYLER_VERSION
  );
  return 0;
}

int run_completion(command_context& context) {
  context.out.print_bytes(completion_script(context.given.arguments.front()));
  return 0;
}

int run_reference(command_context& context) {
  context.out.print_bytes(
      context.given.arguments.front() == "man" ? man_page(STAYLER_VERSION) : markdown_reference()
  );
  return 0;
}

}  // namespace

std::vector<command_spec> program_commands() {
  return {
      {.name = "help",
       .summary = "help for a command; `filters` and `profiles` are explained too",
       .arguments =
           {{.name = "COMMAND",
             .meaning = "a command, filters or profiles",
             .may_repeat = true,
             .completes = completion::nothing}},
       .run = &run_help},
      {.name = "completion",
       .summary = "print a script that completes commands in a shell",
       .description =
           "bash: source <(stayler completion bash). zsh: stayler completion zsh > a folder of "
           "$fpath as _stayler. fish: stayler completion fish > "
           "~/.config/fish/completions/stayler.fish.",
       .arguments =
           {{.name = "SHELL",
             .meaning = "bash, zsh or fish",
             .is_required = true,
             .completes = completion::choices,
             .choices = {"bash", "zsh", "fish"}}},
       .run = &run_completion},
      {.name = "reference",
       .summary = "print the manual page, or the reference in Markdown",
       .description = "stayler reference man > stayler.1 && man ./stayler.1",
       .arguments =
           {{.name = "FORM",
             .meaning = "man or markdown",
             .is_required = true,
             .completes = completion::choices,
             .choices = {"man", "markdown"}}},
       .run = &run_reference},
      {.name = "version", .summary = "print the version", .run = &run_version},
  };
}

}  // namespace stayler::cli
