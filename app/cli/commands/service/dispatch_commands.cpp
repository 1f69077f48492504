// SPDX-License-Identifier: MIT
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/output/json_texts.hpp"

namespace stayler::cli {

namespace {

int change_dispatch(command_context& context, const std::string& action) {
  const auto& type = context.given.arguments.front();
  const auto answer = context.api().ask(
      {.method = "POST", .path = "/worker/types/" + type + "/" + action},
      "cannot " + action + " " + type
  );
  context.out.is_json() ? context.print_json(answer.body)
                        : context.out.print(safe_text(text_of(answer.json(), "message")));
  return 0;
}

int run_pause(command_context& context) {
  return change_dispatch(context, "pause");
}

int run_resume(command_context& context) {
  return change_dispatch(context, "resume");
}

argument_spec type_argument() {
  return {
      .name = "TYPE",
      .meaning = "image_conversion or image_processing",
      .is_required = true,
      .completes = completion::choices,
      .choices = {"image_conversion", "image_processing"}};
}

}  // namespace

std::vector<command_spec> dispatch_commands() {
  return {
      {.name = "pause",
       .summary = "give out no more jobs of a type; they are taken, and wait",
       .role = "admin",
       .arguments = {type_argument()},
       .run = &run_pause},
      {.name = "resume",
       .summary = "give out jobs of a type again",
       .role = "admin",
       .arguments = {type_argument()},
       .run = &run_resume},
  };
}

}  // namespace stayler::cli
