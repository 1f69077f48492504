// SPDX-License-Identifier: MIT
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/jobs/job_texts.hpp"
#include "app/cli/jobs/waiting_texts.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

#include <map>

namespace stayler::cli {

namespace {

using adapters::json_value;

std::string dash(std::string text) {
  return text.empty() ? "-" : text;
}

int run_worker(command_context& context) {
  const auto answer = context.api().ask({.path = "/worker/workers"}, "cannot list the workers");
  if (context.out.is_json()) {
    context.print_json(answer.body, "workers");
    return 0;
  }
  const auto page = answer.json();
  text_table table{{"worker", "node", "status", "jobs", "restarts", "uptime", "works on"}};
  for (const auto& each : list_of(page, "workers")) {
    const auto status = text_of(each, "status");
    table.add(
        {{text_of(each, "workerId")},
         {text_of(each, "node")},
         {status, colour_of_status(status)},
         {text_of(each, "jobsProcessed")},
         {text_of(each, "restarts")},
         {text_of(each, "uptime")},
         {dash(text_of(each, "currentJob"))}}
    );
  }
  if (table.is_empty()) {
    context.out.note("there are no workers");
  } else {
    context.out.print(table.render(context.out));
  }
  context.out.note("their number: stayler config set maxWorkers=N, without a restart");
  return 0;
}

int post_for_message(command_context& context, const std::string& path, const std::string& failed) {
  const auto answer = context.api().ask({.method = "POST", .path = path}, failed);
  context.out.is_json() ? context.print_json(answer.body)
                        : context.out.print(safe_text(text_of(answer.json(), "message")));
  return 0;
}

int run_worker_start(command_context& context) {
  return post_for_message(context, "/worker/start", "cannot start the service");
}

int run_worker_stop(command_context& context) {
  if (!context.confirm(fmt::format(
          "stop giving out jobs at {}, once those that run have ended?", context.api().how().url
      ))) {
    context.out.note("not done");
    return static_cast<int>(exit_code::refused);
  }
  return post_for_message(context, "/worker/stop", "cannot stop the service");
}

int run_node(command_context& context) {
  const auto answer = context.api().ask({.path = "/worker/workers"}, "cannot list the nodes");
  if (context.out.is_json()) {
    context.print_json(answer.body, "workers");
    return 0;
  }
  struct node_sums {
    int total = 0;
    int busy = 0;
    std::int64_t jobs = 0;
    std::string last_seen;
  };
  std::map<std::string, node_sums> nodes;
  const auto page = answer.json();
  for (const auto& each : list_of(page, "workers")) {
    auto& node = nodes[text_of(each, "node")];
    ++node.total;
    node.busy += text_of(each, "status") == "busy" ? 1 : 0;
    node.jobs += count_of(each, "jobsProcessed");
    node.last_seen = std::max(node.last_seen, text_of(each, "lastSeen"));
  }
  text_table table{{"node", "workers", "busy", "jobs", "last seen"}};
  for (const auto& [name, node] : nodes) {
    table.add(
        {{name},
         {std::to_string(node.total)},
         {std::to_string(node.busy)},
         {std::to_string(node.jobs)},
         {context.time(node.last_seen)}}
    );
  }
  context.out.print(table.render(context.out));
  return 0;
}

void add_tree_group(
    const command_context& context, text_table& table, const json_value& tree, std::string_view name
) {
  for (const auto& child : list_of(tree, std::string{name} + ".children")) {
    const auto state = text_of(child, "state");
    const auto failure = text_of(child, "lastFailure.message");
    table.add(
        {{fmt::format("{}/{}", name, text_of(child, "name"))},
         {state, colour_of_status(state)},
         {text_of(child, "restarts")},
         {text_of(child, "mailbox")},
         {text_of(child, "uptime")},
         {failure.empty()
              ? "-"
              : fmt::format("{}: {}", context.time(text_of(child, "lastFailure.at")), failure)}}
    );
  }
}

int run_tree(command_context& context) {
  const auto answer = context.api().ask({.path = "/worker/tree"}, "cannot show the tree");
  if (context.out.is_json()) {
    context.print_json(answer.body);
    return 0;
  }
  const auto tree = answer.json();
  text_table table{{"actor", "state", "restarts", "mailbox", "uptime", "last failure"}};
  add_tree_group(context, table, tree, "core");
  add_tree_group(context, table, tree, "workers");
  context.out.print(table.render(context.out));
  context.out.print(fmt::format(
      "\n{} of {} restarts in {} used; up for {}", count_of(tree, "intensity.recent"),
      count_of(tree, "intensity.maxRestarts"), text_of(tree, "intensity.window"),
      text_of(tree, "uptime")
  ));
  return 0;
}

std::string models_text(const command_context& context, const json_value& provider) {
  text_table table{{"model", "breaker", "calls", "retired until"}};
  for (const auto& each : list_of(provider, "models")) {
    table.add(
        {{text_of(each, "name")},
         {text_of(each, "breaker")},
         {text_of(each, "calls")},
         {context.time(text_of(each, "retiredUntil"))}}
    );
  }
  return table.is_empty() ? std::string{} : "\n\n" + table.render(context.out);
}

int run_provider(command_context& context) {
  const auto answer = context.api().ask({.path = "/worker/provider"}, "cannot show the provider");
  if (context.out.is_json()) {
    context.print_json(answer.body);
    return 0;
  }
  const auto provider = answer.json();
  const auto at = [&](std::string_view path) { return context.time(text_of(provider, path)); };
  const auto closed_until = text_of(provider, "closedUntil");
  const auto quota = text_of(provider, "requestsPerMinute");
  const auto error = text_of(provider, "lastError.class");
  const auto facts = render_facts(
      context.out,
      {{"breaker", explain_breaker(text_of(provider, "breaker"))},
       {"closed until", closed_until.empty() ? "" : context.time(closed_until)},
       {"because", text_of(provider, "closedReason")},
       {"calls in flight", fmt::format(
                               "{} of {}, {} wait", count_of(provider, "callsInFlight"),
                               count_of(provider, "maxInFlight"), count_of(provider, "callsWaiting")
                           )},
       {"quota", quota.empty() ? "none is known" : quota + " a minute"},
       {"calls", fmt::format(
                     "{}, {} failed", count_of(provider, "calls"), count_of(provider, "failedCalls")
                 )},
       {"model", text_of(provider, "model")},
       {"last success", at("lastSuccess")},
       {"last failure", at("lastFailure")},
       {"last error", error.empty() ? "" : error + ": " + text_of(provider, "lastError.message")},
       {"coordinators", text_of(provider, "coordinators")}}
  );
  context.out.print(facts + models_text(context, provider));
  return 0;
}

}  // namespace

std::vector<command_spec> service_commands() {
  return {
      {.name = "worker",
       .summary = "list the workers, and what each works on",
       .description = "stayler config set maxWorkers=N changes their number, without a restart.",
       .role = "viewer",
       .run = &run_worker},
      {.name = "worker start",
       .summary = "give out jobs again after worker stop",
       .role = "admin",
       .run = &run_worker_start},
      {.name = "worker stop",
       .summary = "give out no more jobs; those that run may end",
       .role = "admin",
       .run = &run_worker_stop},
      {.name = "node",
       .summary = "list the nodes: processes on other hosts that lend workers",
       .role = "viewer",
       .run = &run_node},
      {.name = "tree",
       .summary = "show what runs inside the service, restarts and last failures",
       .role = "viewer",
       .run = &run_tree},
      {.name = "provider",
       .summary = "show the provider's limits as learned so far, and its last error",
       .role = "viewer",
       .run = &run_provider},
  };
}

}  // namespace stayler::cli
