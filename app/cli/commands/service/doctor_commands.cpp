// SPDX-License-Identifier: MIT
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/doctor/configuration_checks.hpp"
#include "app/cli/doctor/service_checks.hpp"

namespace stayler::cli {

namespace {

int run_doctor(command_context& context) {
  const auto file = context.given.value("config");
  const auto found = file ? check_configuration(context, *file) : check_service(context);
  context.out.print(
      context.out.is_json() ? findings_as_json(found) : render_findings(context.out, found)
  );
  return static_cast<int>(code_of_findings(found));
}

}  // namespace

std::vector<command_spec> doctor_commands() {
  return {
      {.name = "doctor",
       .summary = "check a running service, or a settings file, and say what to do",
       .description =
           "A line a check: ok, warn, fail, or skip where the key may not see it. Exit code 10 "
           "where one fails. It changes nothing.",
       .flags =
           {{.names = "--config",
             .value = "FILE",
             .meaning = "check that settings file, by the stayler-worker beside this program",
             .completes = completion::file}},
       .examples =
           {"stayler doctor", "stayler doctor --config worker.env", "stayler doctor --json"},
       .run = &run_doctor},
  };
}

}  // namespace stayler::cli
