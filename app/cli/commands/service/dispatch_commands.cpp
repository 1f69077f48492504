// SPDX-License-Identifier: MIT
#include "adapters/json/json_writer.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/output/json_texts.hpp"

#include <utility>

namespace stayler::cli {

namespace {

int change_dispatch(command_context& context, const std::string& action, const std::string& body) {
  const auto& type = context.given.arguments.front();
  const auto answer = context.api().ask(
      {.method = "POST", .path = "/worker/types/" + type + "/" + action, .body = body},
      "cannot " + action + " " + type
  );
  context.out.is_json() ? context.print_json(answer.body)
                        : context.out.print(safe_text(text_of(answer.json(), "message")));
  return 0;
}

int run_pause(command_context& context) {
  adapters::json_writer json;
  json.begin_object();
  for (const std::string_view flag : {"for", "until", "reason"}) {
    if (const auto value = context.given.value(flag)) {
      json.field(flag, *value);
    }
  }
  json.end_object();
  return change_dispatch(context, "pause", std::move(json).text());
}

int run_resume(command_context& context) {
  return change_dispatch(context, "resume", "");
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
       .description = "Pausing again takes the place of the earlier pause.",
       .role = "admin",
       .arguments = {type_argument()},
       .flags =
           {{.names = "--for",
             .value = "TIME",
             .meaning = "they are given out again by themselves after 30m, 2h, ..."},
            {.names = "--until", .value = "TIME", .meaning = "the same at that time (RFC 3339)"},
            {.names = "--reason",
             .value = "TEXT",
             .meaning = "why, for all who see that it is so"}},
       .examples = {"stayler pause image_conversion --for 30m --reason maintenance"},
       .run = &run_pause},
      {.name = "resume",
       .summary = "give out jobs of a type again",
       .role = "admin",
       .arguments = {type_argument()},
       .run = &run_resume},
  };
}

}  // namespace stayler::cli
