// SPDX-License-Identifier: MIT
#include "adapters/json/json_writer.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/output/text_table.hpp"
#include "app/cli/profile/profile_text.hpp"

namespace stayler::cli {

namespace {

std::string key_text(const profile& which) {
  if (!which.key_file.empty()) {
    return "in " + which.key_file;
  }
  return which.key_command.empty() ? "none" : "by key_command";
}

std::string profiles_as_json(const profile_file& file, const command_context& context) {
  adapters::json_writer json;
  json.begin_object().field("default", file.default_name).key("profiles").begin_array();
  for (const auto& [name, each] : file.profiles) {
    json.begin_object().field("name", name).field("url", each.url).field("readonly", each.readonly);
    json.field("isChosen", name == context.chosen().name).end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

int run_profile(command_context& context) {
  const auto path = profile_path(context.environment());
  const auto file = read_profiles(path);
  if (context.out.is_json()) {
    context.out.print(profiles_as_json(file, context));
    return 0;
  }
  if (file.profiles.empty()) {
    context.out.note(
        "there are no profiles in " + path.string() + "; stayler help profiles shows one"
    );
    return 0;
  }
  text_table table{{"profile", "url", "key", "rights", "chosen"}};
  for (const auto& [name, each] : file.profiles) {
    table.add(
        {{name},
         {each.url.empty() ? connection{}.url : each.url},
         {key_text(each)},
         {each.readonly ? "reads only" : "all that the key may"},
         {name == context.chosen().name ? "yes" : "-"}}
    );
  }
  context.out.print(table.render(context.out));
  return 0;
}

int run_profile_use(command_context& context) {
  const auto path = profile_path(context.environment());
  const auto& name = context.given.arguments.front();
  const auto chosen = choose_profile(read_profiles(path), name);
  write_profile_text(path, with_default_profile(read_profile_text(path), name));
  context.out.note("from now on: " + name + ", " + chosen.url);
  return 0;
}

}  // namespace

std::vector<command_spec> profile_commands() {
  return {
      {.name = "profile",
       .summary = "list the profiles: addresses and keys of services",
       .run = &run_profile},
      {.name = "profile use",
       .summary = "choose the profile that is used from now on",
       .arguments =
           {{.name = "NAME",
             .meaning = "a profile",
             .is_required = true,
             .completes = completion::nothing}},
       .run = &run_profile_use},
  };
}

}  // namespace stayler::cli
