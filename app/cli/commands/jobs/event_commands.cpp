// SPDX-License-Identifier: MIT
#include "app/cli/client/event_follower.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/filters/filter_flags.hpp"
#include "app/cli/jobs/job_texts.hpp"
#include "app/cli/output/json_texts.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stayler::cli {

namespace {

using adapters::json_value;

/// What the stream cannot be filtered by is left out here.
bool is_wanted_event(const job_filter& filter, const json_value& event) {
  const auto kind = text_of(event, "errorClass");
  return (filter.error_class.empty() || std::ranges::count(filter.error_class, kind) > 0)
         && text_of(event, "jobId").starts_with(filter.id_prefix);
}

job_filter stream_filter(const command_context& context) {
  auto filter = filter_of(context, context.given.arguments);
  if (!filter.conversion.empty() || !filter.since.empty() || !filter.before.empty()
      || !filter.group.empty()) {
    refuse_usage(
        "cannot follow events by that filter", "they have no conversion, time or group",
        "use status, type, user, class or id; --from ID begins after an earlier event"
    );
  }
  return filter;
}

void print_event(
    const command_context& context, const stream_event& event, const json_value& data
) {
  if (context.given.has("jsonl") || context.out.is_json()) {
    // One line, whatever the stream has made of it.
    context.out.print(fmt::format(
        R"({{"id":{},"event":{},"data":{}}})", to_json(json_value{event.id}),
        to_json(json_value{event.name}), to_json(data)
    ));
    return;
  }
  const auto status = text_of(data, "status");
  const auto kind = text_of(data, "errorClass");
  context.out.print(
      safe_text(fmt::format("{}  {}  {:<10}", text_of(data, "at"), text_of(data, "jobId"), status))
      + safe_text(fmt::format(
          "  {:>3}% {:<11}  {}{}", count_of(data, "progress.percent"),
          text_of(data, "progress.stage"), text_of(data, "userId"), kind.empty() ? "" : "  " + kind
      ))
  );
}

int run_tail(command_context& context) {
  const auto filter = stream_filter(context);
  job_filter asked;
  asked.status = filter.status;
  asked.type = filter.type;
  asked.user = filter.user;
  const auto query = as_query(asked);
  const auto most = context.number("count", 0, 0, 1'000'000'000);
  long shown = 0;
  std::string last_id = context.given.value("from").value_or("");
  context.api().set_interruption_advice("");
  follow_options options{.path = "/worker/events" + (query.empty() ? "" : "?" + query.substr(1))};
  options.after_id = last_id;
  options.what_failed = "cannot follow the events";
  options.give_up_after = context.duration("give-up", std::chrono::minutes{1});
  options.on_open = [&] { context.out.note("following " + context.api().how().url); };
  options.on_lost = [&](const std::string& why) {
    context.out.note("lost the connection (" + why + "); connecting again");
  };
  options.on_event = [&](const stream_event& event) {
    last_id = event.id;
    if (event.name == "gap") {
      context.out.note("some events were missed: the service keeps the latest 32,768");
      return true;
    }
    const auto data = adapters::parse_json(event.data);
    if (data && is_wanted_event(filter, *data)) {
      print_event(context, event, *data);
      ++shown;
    }
    return most == 0 || shown < most;
  };
  try {
    follow_events(context.api(), options);
  } catch (command_error& error) {
    if (!last_id.empty()) {
      error.what_to_do += (error.what_to_do.empty() ? "" : "; ") + ("go on by --from " + last_id);
    }
    throw;
  }
  return 0;
}

}  // namespace

std::vector<command_spec> event_commands() {
  return {
      {.name = "tail",
       .summary = "follow the events of all jobs as they come",
       .description =
           "A connection that is lost is opened again where it was, so that nothing is missed.",
       .role = "viewer",
       .arguments = {filter_argument()},
       .flags =
           {{.names = "--jsonl", .value = "", .meaning = "one JSON document a line"},
            {.names = "--from", .value = "ID", .meaning = "begin after that event"},
            {.names = "--count", .value = "N", .meaning = "end after so many events"},
            {.names = "--give-up",
             .value = "TIME",
             .meaning = "end with exit code 7 after so long without the service; usually 1m"}},
       .examples = {"stayler tail status:failed", "stayler tail user:ann --jsonl"},
       .run = &run_tail},
  };
}

}  // namespace stayler::cli
