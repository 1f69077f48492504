// SPDX-License-Identifier: MIT
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/jobs/pause_texts.hpp"
#include "app/cli/live/live_view.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

using adapters::json_value;

std::string quantile_text(const json_value& stage, std::string_view name) {
  const auto ms = number_of(stage, name);
  return ms ? show_duration(milliseconds{static_cast<milliseconds::rep>(*ms)}) : "-";
}

std::string stages_text(const console& out, const json_value& stats) {
  text_table table{{"stage", "count", "p50", "p90", "p99"}};
  for (const auto& [name, stage] : members_of(stats, "stages")) {
    table.add(
        {{name},
         {text_of(stage, "count")},
         {quantile_text(stage, "p50")},
         {quantile_text(stage, "p90")},
         {quantile_text(stage, "p99")}}
    );
  }
  return table.is_empty() ? std::string{} : "\n\n" + table.render(out);
}

std::string state_text(const command_context& context, const json_value& stats) {
  const auto paused = pauses_text(stats, context.out.options().times, command_context::now());
  const auto state = text_of(stats, "state");
  return paused.empty() ? state : safe_text(state + "; " + paused);
}

int run_stats(command_context& context) {
  if (context.given.has("watch")) {
    return show_live_view(context);
  }
  const auto answer = context.api().ask({.path = "/worker/stats"}, "cannot show the figures");
  if (context.out.is_json()) {
    context.print_json(answer.body);
    return 0;
  }
  const auto stats = answer.json();
  const auto count = [&stats](std::string_view name) { return text_of(stats, name); };
  const auto facts = render_facts(
      context.out,
      {{"state", state_text(context, stats)},
       {"pending", count("pendingJobs") + ", the oldest for " + count("queueAge")},
       {"scheduled", count("scheduledJobs")},
       {"processing", count("processingJobs")},
       {"completed", count("completedJobs")},
       {"failed", count("failedJobs")},
       {"cancelled", count("cancelledJobs")},
       {"success rate", fmt::format("{:.1f}%", number_of(stats, "successRate").value_or(0) * 100)},
       {"average job",
        show_duration(milliseconds{
            static_cast<milliseconds::rep>(number_of(stats, "averageJobTime").value_or(0))})},
       {"last job ended", context.time(count("lastJobTime"))},
       {"workers", count("activeWorkers")}}
  );
  context.out.print(facts + stages_text(context.out, stats));
  return 0;
}

}  // namespace

std::vector<command_spec> stats_commands() {
  return {
      {.name = "stats",
       .summary = "show how many jobs are in which state, and how long each stage takes",
       .role = "viewer",
       .flags = {{.names = "--watch", .value = "", .meaning = "the same as stayler top"}},
       .run = &run_stats},
      {.name = "top",
       .summary = "watch the service live: throughput, queue, latency, workers, provider, money",
       .description = "q ends it. In a pipe, and with --json, it prints a line each second.",
       .role = "viewer",
       .flags =
           {{.names = "--count", .value = "N", .meaning = "end after so many seconds' figures"}},
       .run = &show_live_view},
  };
}

}  // namespace stayler::cli
