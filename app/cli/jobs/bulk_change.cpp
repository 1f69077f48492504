// SPDX-License-Identifier: MIT
#include "app/cli/jobs/bulk_change.hpp"

#include "adapters/json/json_writer.hpp"
#include "app/cli/client/interruption.hpp"
#include "app/cli/filters/filter_flags.hpp"
#include "app/cli/jobs/waiting_texts.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/progress_display.hpp"
#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

using adapters::json_value;

constexpr std::chrono::milliseconds look_pause{250};

/// The request without its end: dry run and run have the same beginning.
adapters::json_writer begin_request(const command_context& context, const bulk_change& change) {
  adapters::json_writer json;
  json.begin_object().field("action", change.action);
  json.key("filter").raw(as_bulk_filter(change.filter, context.given.has("all")));
  return json;
}

std::string preview_text(const command_context& context, const json_value& preview) {
  std::string by_status;
  for (const auto& [status, count] : members_of(preview, "byStatus")) {
    by_status += fmt::format("{}{} {}", by_status.empty() ? "" : ", ", to_json(count), status);
  }
  std::string text = fmt::format(
      "{}: {}{} ({})", text_of(preview, "action"), count_jobs_text(count_of(preview, "count")),
      flag_of(preview, "isComplete") ? "" : " and more", by_status.empty() ? "none" : by_status
  );
  text_table table{{"id", "status", "user", "came", "error"}};
  for (const auto& job : list_of(preview, "samples")) {
    const auto kind = text_of(job, "errorClass");
    table.add(
        {{text_of(job, "id")},
         {text_of(job, "status")},
         {text_of(job, "userId")},
         {context.time(text_of(job, "createdAt"))},
         {kind.empty() ? "-" : kind + ": " + text_of(job, "errorMessage")}}
    );
  }
  return table.is_empty() ? text : text + ", for instance\n" + table.render(context.out);
}

api_answer dry_run(command_context& context, const bulk_change& change) {
  auto json = begin_request(context, change);
  json.field("dryRun", true).end_object();
  return context.api().ask(
      {.method = "POST",
       .path = "/worker/jobs/bulk",
       .body = std::move(json).text(),
       .is_harmless = true},
      "cannot preview the " + change.action
  );
}

api_answer start_operation(
    command_context& context, const bulk_change& change, const std::string& token
) {
  auto json = begin_request(context, change);
  json.field("token", token);
  if (context.given.has("rate")) {
    json.field("ratePerMinute", context.number("rate", 0, 1, 60'000));
  }
  json.end_object();
  return context.api().ask(
      {.method = "POST", .path = "/worker/jobs/bulk", .body = std::move(json).text()},
      "cannot " + change.action + " these jobs"
  );
}

api_answer wait_for_operation(command_context& context, const std::string& id) {
  auto& api = context.api();
  api.set_interruption_advice("it goes on; stop it by DELETE /worker/operations/" + id);
  progress_display display{context.out};
  for (;;) {
    auto answer = api.ask({.path = "/worker/operations/" + id}, "cannot see how far it is");
    const auto operation = answer.json();
    const auto total = std::max<std::int64_t>(count_of(operation, "total"), 1);
    const auto looked = count_of(operation, "done") + count_of(operation, "refused");
    display.show(
        text_of(operation, "action"),
        static_cast<int>(std::min<std::int64_t>(looked * 100 / total, 100))
    );
    if (text_of(operation, "state") != "running") {
      return answer;
    }
    pause_for(look_pause);
  }
}

int report_operation(command_context& context, const api_answer& answer) {
  const auto operation = answer.json();
  const auto refused = count_of(operation, "refused");
  const auto state = text_of(operation, "state");
  if (context.out.is_json()) {
    context.print_json(answer.body);
  } else {
    const auto why = text_of(operation, "lastRefusal");
    context.out.print(fmt::format(
        "{}: {} of {}{}{}", text_of(operation, "action"), count_of(operation, "done"),
        count_jobs_text(count_of(operation, "total")),
        refused > 0 ? fmt::format(", {} refused", refused) : "",
        why.empty() ? "" : " (" + safe_text(why) + ")"
    ));
  }
  if (state == "failed") {
    throw command_error{
        exit_code::refused, "the operation has failed", text_of(operation, "lastRefusal"),
        "what was done stays done; say it again for the rest"};
  }
  return static_cast<int>(
      refused > 0 || state == "stopped" ? exit_code::done_in_part : exit_code::done
  );
}

bool is_wanted(command_context& context, const bulk_change& change, const json_value& preview) {
  const auto count = std::to_string(count_of(preview, "count"));
  const auto question = fmt::format(
      "{} {} at {}?", change.action, count_jobs_text(count_of(preview, "count")),
      context.api().how().url
  );
  return change.cannot_be_undone ? context.confirm_by(question, count) : context.confirm(question);
}

}  // namespace

int change_many(command_context& context, const bulk_change& change) {
  const auto answer = dry_run(context, change);
  const auto preview = answer.json();
  if (context.given.has("dry-run")) {
    context.out.is_json() ? context.print_json(answer.body)
                          : context.out.print(preview_text(context, preview));
    return 0;
  }
  if (!context.out.is_json()) {
    context.out.note(preview_text(context, preview));
  }
  if (count_of(preview, "count") == 0) {
    if (context.out.is_json()) {
      context.print_json(answer.body);
    }
    return 0;
  }
  if (!is_wanted(context, change, preview)) {
    context.out.note("not done");
    return static_cast<int>(exit_code::refused);
  }
  const auto started = start_operation(context, change, text_of(preview, "token"));
  const auto id = text_of(started.json(), "id");
  return report_operation(context, wait_for_operation(context, id));
}

std::vector<flag_spec> bulk_flags() {
  auto flags = filter_flags();
  flags.push_back({.names = "--all", .value = "", .meaning = "all jobs that can be changed so"});
  flags.push_back(
      {.names = "-n, --dry-run", .value = "", .meaning = "show what would be done, and do nothing"}
  );
  flags.push_back({.names = "--rate", .value = "N", .meaning = "so many jobs a minute at most"});
  return flags;
}

}  // namespace stayler::cli
