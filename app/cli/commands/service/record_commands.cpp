// SPDX-License-Identifier: MIT
#include "adapters/json/json_writer.hpp"
#include "adapters/url/url.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

#include <array>

namespace stayler::cli {

namespace {

/// A query of those flags that are given; each flag is named as its parameter, but for hyphens.
std::string query_of(
    const command_context& context,
    std::span<const std::pair<std::string_view, std::string_view>> parameters
) {
  std::string query = fmt::format("?limit={}", context.number("limit", 50, 1, 500));
  for (const auto& [flag, parameter] : parameters) {
    const auto value = context.given.value(flag);
    if (!value) {
      continue;
    }
    const bool is_time = flag == "since" || flag == "before";
    const auto meant = is_time ? read_time(*value, command_context::now()) : *value;
    if (meant.empty()) {
      refuse_usage(
          fmt::format("cannot use --{} {}", flag, *value), "it is no time",
          "say 30m, 2h, 7d, 2026-11-28 or 2026-11-28T09:00:00Z"
      );
    }
    query += fmt::format("&{}={}", parameter, adapters::encode_percent(meant));
  }
  return query;
}

void note_more(const command_context& context, const adapters::json_value& page) {
  if (!text_of(page, "nextCursor").empty()) {
    context.out.note("there are more: --limit N, up to 500, or a narrower filter");
  }
}

int run_audit(command_context& context) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> parameters{{
      {"since", "since"},
      {"before", "before"},
      {"actor", "actor"},
      {"action", "action"},
      {"target", "target"},
      {"request", "requestId"},
      {"outcome", "outcome"},
  }};
  const auto answer = context.api().ask(
      {.path = "/worker/audit" + query_of(context, parameters)}, "cannot show the audit trail"
  );
  const auto page = answer.json();
  if (context.out.is_json()) {
    context.print_json(answer.body, "records");
    return 0;
  }
  text_table table{{"time", "key", "from", "action", "target", "outcome", "details"}};
  for (const auto& each : list_of(page, "records")) {
    const auto outcome = text_of(each, "outcome");
    table.add(
        {{context.time(text_of(each, "time"))},
         {text_of(each, "key")},
         {text_of(each, "who")},
         {text_of(each, "action")},
         {text_of(each, "target")},
         {fmt::format("{} {}", text_of(each, "status"), outcome),
          outcome == "succeeded" ? colour::plain : colour::yellow},
         {text_of(each, "details")}}
    );
  }
  if (table.is_empty()) {
    context.out.note("no record matches");
  } else {
    context.out.print(table.render(context.out));
  }
  note_more(context, page);
  return 0;
}

int run_notifications(command_context& context) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> parameters{
      {{"state", "state"}, {"job", "job"}, {"event", "event"}}};
  const auto answer = context.api().ask(
      {.path = "/worker/notifications" + query_of(context, parameters)},
      "cannot list the notifications"
  );
  const auto page = answer.json();
  if (context.out.is_json()) {
    context.print_json(answer.body, "notifications");
    return 0;
  }
  text_table table{{"id", "event", "state", "tries", "came", "next", "error"}};
  for (const auto& each : list_of(page, "notifications")) {
    const auto problem = text_of(each, "lastError.problem");
    table.add(
        {{text_of(each, "id")},
         {text_of(each, "event")},
         {text_of(each, "state")},
         {text_of(each, "attempts")},
         {context.time(text_of(each, "createdAt"))},
         {context.time(text_of(each, "nextAttemptAt"))},
         {problem.empty() ? "-" : problem + ": " + text_of(each, "lastError.message")}}
    );
  }
  if (table.is_empty()) {
    context.out.note("none is open or given up");
  } else {
    context.out.print(table.render(context.out));
  }
  note_more(context, page);
  return 0;
}

/// Delivers all that was given up, or some of it, in as many calls as it takes.
int redeliver_many(command_context& context) {
  adapters::json_writer json;
  json.begin_object();
  for (const auto* name : {"job", "event"}) {
    if (const auto value = context.given.value(name)) {
      json.field(name, *value);
    }
  }
  json.end_object();
  std::int64_t count = 0;
  bool has_more = true;
  while (has_more) {
    const auto report =
        context.api()
            .ask(
                {.method = "POST", .path = "/worker/notifications/redeliver", .body = json.text()},
                "cannot deliver these notifications"
            )
            .json();
    count += count_of(report, "redelivered");
    has_more = flag_of(report, "hasMore");
  }
  context.out.print(
      context.out.is_json() ? fmt::format(R"({{"redelivered":{}}})", count)
                            : fmt::format("{} notifications are delivered once more", count)
  );
  return 0;
}

int run_redeliver(command_context& context) {
  const auto& ids = context.given.arguments;
  if (ids.empty()) {
    if (!context.given.has("all") && !context.given.has("job") && !context.given.has("event")) {
      refuse_usage(
          "cannot tell which notifications are meant", "neither ids nor flags are given",
          "stayler notification redeliver ID, --job ID, --event NAME or --all"
      );
    }
    return redeliver_many(context);
  }
  for (const auto& id : ids) {
    const auto answer = context.api().ask(
        {.method = "POST", .path = "/worker/notifications/" + id + "/redeliver"},
        "cannot deliver notification " + id
    );
    context.out.is_json() ? context.print_json(answer.body)
                          : context.out.print(id + " is delivered now");
  }
  return 0;
}

flag_spec limit_flag() {
  return {.names = "--limit", .value = "N", .meaning = "so many at most, up to 500; usually 50"};
}

command_spec audit_spec() {
  return {
      .name = "audit",
      .summary = "show who has changed what, the newest first",
      .role = "admin",
      .flags =
          {{.names = "--since",
            .value = "TIME",
            .meaning = "of then or later: 1h, 2026-11-28, ..."},
           {.names = "--before", .value = "TIME", .meaning = "of before then"},
           {.names = "--actor", .value = "NAME", .meaning = "the key's name, or the address"},
           {.names = "--action", .value = "ACTION", .meaning = "such as 'PUT /worker/config'"},
           {.names = "--target", .value = "ID", .meaning = "what it was about: a job, a picture"},
           {.names = "--request", .value = "ID", .meaning = "the request's id"},
           {.names = "--outcome",
            .value = "OUTCOME",
            .meaning = "what became of it",
            .choices = {"succeeded", "refused", "failed"},
            .completes = completion::choices},
           limit_flag()},
      .examples = {"stayler audit --since 1d --outcome refused"},
      .run = &run_audit};
}

}  // namespace

std::vector<command_spec> record_commands() {
  const flag_spec job{.names = "--job", .value = "ID", .meaning = "those of that job"};
  const flag_spec event{
      .names = "--event", .value = "NAME", .meaning = "such as conversion.failed"};
  return {
      audit_spec(),
      {.name = "notification",
       .summary = "list notifications that are open or given up",
       .role = "admin",
       .flags =
           {{.names = "--state",
             .value = "STATE",
             .meaning = "those in that state",
             .choices = {"open", "delivered", "given_up"},
             .completes = completion::choices},
            job,
            event,
            limit_flag()},
       .run = &run_notifications},
      {.name = "notification redeliver",
       .summary = "deliver notifications once more",
       .role = "admin",
       .arguments = {{.name = "ID", .meaning = "notifications' ids", .may_repeat = true}},
       .flags = {job, event, {.names = "--all", .value = "", .meaning = "all that were given up"}},
       .run = &run_redeliver},
  };
}

}  // namespace stayler::cli
