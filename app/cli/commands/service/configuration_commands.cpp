// SPDX-License-Identifier: MIT
#include "adapters/config/loading/settings_file.hpp"
#include "adapters/json/json_writer.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/options/option_changes.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/result_file.hpp"
#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

using adapters::json_value;

api_answer ask_schema(command_context& context) {
  return context.api().ask({.path = "/worker/config/schema"}, "cannot show the configuration");
}

void print_option(const command_context& context, const json_value& option) {
  if (!context.out.is_terminal()) {
    context.out.print(text_of(option, "value"));
    return;
  }
  context.out.print(render_facts(
      context.out, {{"name", text_of(option, "name")},
                    {"variable", text_of(option, "variable")},
                    {"value", text_of(option, "value")},
                    {"default", text_of(option, "default")},
                    {"allowed", text_of(option, "allowed")},
                    {"change", flag_of(option, "isLive") ? "while it runs" : "by a restart"},
                    {"meaning", text_of(option, "description")}}
  ));
}

int run_config_get(command_context& context) {
  const auto answer = ask_schema(context);
  const auto schema = answer.json();
  if (!context.given.arguments.empty()) {
    const auto& name = context.given.arguments.front();
    const auto* option = find_schema_option(schema, name);
    if (option == nullptr) {
      throw command_error{
          exit_code::not_found, "there is no option " + name, "", "stayler config get lists them"};
    }
    context.out.is_json() ? context.print_json(to_json(*option)) : print_option(context, *option);
    return 0;
  }
  if (context.out.is_json()) {
    context.print_json(answer.body, "options");
    return 0;
  }
  text_table table{{"name", "value", "default", "change", "meaning"}};
  for (const auto& each : list_of(schema, "options")) {
    const bool is_default = flag_of(each, "isDefault");
    if (context.given.has("changed") && is_default) {
      continue;
    }
    table.add(
        {{text_of(each, "name")},
         {text_of(each, "value"), is_default ? colour::plain : colour::bold},
         {is_default ? "" : text_of(each, "default")},
         {flag_of(each, "isLive") ? "live" : "restart"},
         {text_of(each, "description")}}
    );
  }
  context.out.print(table.render(context.out));
  return 0;
}

std::string changes_text(const console& out, const json_value& preview) {
  text_table table{{"option", "now", "then"}};
  for (const auto& each : list_of(preview, "changes")) {
    table.add({{text_of(each, "name")}, {text_of(each, "before")}, {text_of(each, "after")}});
  }
  return table.is_empty() ? std::string{} : table.render(out);
}

api_answer preview_change(command_context& context, const std::string& body) {
  return context.api().ask(
      {.method = "PUT", .path = "/worker/config?dryRun=true", .body = body, .is_harmless = true},
      "cannot change the configuration so"
  );
}

int run_config_set(command_context& context) {
  const auto schema = ask_schema(context).json();
  std::vector<wanted_option> wanted;
  for (const auto& text : context.given.arguments) {
    wanted.push_back(read_option_change(text, schema));
  }
  const auto body = render_option_changes(wanted, schema);
  const auto preview = preview_change(context, body);
  const auto changes = changes_text(context.out, preview.json());
  if (changes.empty() || context.given.has("dry-run")) {
    if (context.out.is_json()) {
      context.print_json(preview.body);
    } else if (changes.empty()) {
      context.out.note("nothing changes: that is how it is set");
    } else {
      context.out.print(changes);
    }
    return 0;
  }
  context.out.note(changes);
  if (!context.confirm("change that at " + context.api().how().url + "?")) {
    context.out.note("not done");
    return static_cast<int>(exit_code::refused);
  }
  const auto answer = context.api().ask(
      {.method = "PUT", .path = "/worker/config", .body = body}, "cannot change the configuration"
  );
  context.out.is_json() ? context.print_json(answer.body)
                        : context.out.print(safe_text(text_of(answer.json(), "message")));
  context.out.note("it lasts until the process ends: put it into its settings, too");
  return 0;
}

/// What a settings file says of one option, beside what is in force.
struct option_difference {
  std::string name;
  std::string running;
  std::string wanted;
  bool is_live = false;
};

/// Whether two texts mean the same is the service's to say, where it can: "60s" is "1m".
bool is_different(command_context& context, const wanted_option& wanted, const json_value& schema) {
  const auto answer = context.api().send(
      {.method = "PUT",
       .path = "/worker/config?dryRun=true",
       .body = render_option_changes({wanted}, schema),
       .is_harmless = true}
  );
  return !answer.is_good() || !list_of(answer.json(), "changes").empty();
}

std::vector<option_difference> compare_file(
    command_context& context, const adapters::settings_file& file, const json_value& schema
) {
  std::vector<option_difference> found;
  for (const auto& each : file.assignments) {
    const auto* option = find_schema_option(schema, each.name);
    if (option == nullptr || flag_of(*option, "isSecret")) {
      context.out.note(fmt::format(
          "{}: {} is not compared: {}", each.source, each.name,
          option == nullptr ? "this service has no such option" : "it is a secret"
      ));
      continue;
    }
    const auto name = text_of(*option, "name");
    const auto running = text_of(*option, "value");
    if (running != each.value && is_different(context, {name, each.value}, schema)) {
      found.push_back({name, running, each.value, flag_of(*option, "isLive")});
    }
  }
  return found;
}

std::string differences_as_json(const std::vector<option_difference>& differences) {
  adapters::json_writer json;
  json.begin_object().key("differences").begin_array();
  for (const auto& each : differences) {
    json.begin_object().field("name", each.name).field("running", each.running);
    json.field("file", each.wanted).field("isLive", each.is_live).end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

int run_config_diff(command_context& context) {
  const auto& path = context.given.arguments.front();
  const auto file = adapters::parse_settings_file(read_whole_file(path), path);
  if (!file.problems.empty()) {
    refuse_usage(
        "cannot read " + path, file.problems.front().field + " " + file.problems.front().message,
        "stayler doctor --config " + path + " checks all of it"
    );
  }
  const auto schema = ask_schema(context).json();
  const auto differences = compare_file(context, file, schema);
  if (context.out.is_json()) {
    context.out.print(differences_as_json(differences));
  } else if (differences.empty()) {
    context.out.note("the service runs as " + path + " says");
  } else {
    text_table table{{"option", "running", "file", "change"}};
    for (const auto& each : differences) {
      table.add({{each.name}, {each.running}, {each.wanted}, {each.is_live ? "live" : "restart"}});
    }
    context.out.print(table.render(context.out));
  }
  return static_cast<int>(differences.empty() ? exit_code::done : exit_code::faults_found);
}

}  // namespace

std::vector<command_spec> configuration_commands() {
  const flag_spec changed{
      .names = "--changed", .value = "", .meaning = "only those that differ from their default"};
  return {
      {.name = "config",
       .summary = "show, change and compare the configuration in force",
       .role = "admin",
       .flags = {changed},
       .run = &run_config_get},
      {.name = "config get",
       .summary = "show all options, or one: alone in a pipe",
       .role = "admin",
       .arguments = {{.name = "NAME", .meaning = "maxWorkers, or WORKER_MAX_WORKERS"}},
       .flags = {changed},
       .examples = {"stayler config get maxWorkers", "stayler config get --changed"},
       .run = &run_config_get},
      {.name = "config set",
       .summary = "change options while the service runs: shows what it would do, and asks",
       .role = "admin",
       .arguments =
           {{.name = "NAME=VALUE",
             .meaning = "options and their new values",
             .is_required = true,
             .may_repeat = true,
             .completes = completion::nothing}},
       .flags = {{.names = "-n, --dry-run", .value = "", .meaning = "only show what it would do"}},
       .examples = {"stayler config set maxWorkers=10", "stayler config set retry.maxRetries=5 -y"},
       .run = &run_config_set},
      {.name = "config diff",
       .summary = "compare a settings file with what is in force; exit code 10 where they differ",
       .role = "admin",
       .arguments =
           {{.name = "FILE",
             .meaning = "NAME=value lines, as stayler-worker --config takes them",
             .is_required = true,
             .completes = completion::file}},
       .run = &run_config_diff},
  };
}

}  // namespace stayler::cli
