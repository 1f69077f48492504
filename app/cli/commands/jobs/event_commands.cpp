// SPDX-License-Identifier: MIT
#include "app/cli/client/event_follower.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/filters/filter_flags.hpp"
#include "app/cli/jobs/job_following.hpp"
#include "app/cli/jobs/job_pages.hpp"
#include "app/cli/jobs/pause_texts.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/programs/program_run.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <set>

namespace stayler::cli {

namespace {

using adapters::json_value;

/// What the stream cannot be filtered by is left out here.
bool is_wanted_event(const job_filter& filter, const json_value& event) {
  const auto kind = text_of(event, "errorClass");
  const auto status = text_of(event, "status");
  return (filter.error_class.empty() || std::ranges::count(filter.error_class, kind) > 0)
         && (filter.status.empty() || std::ranges::count(filter.status, status) > 0)
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

/// One line, whatever the stream has made of it.
std::string event_as_json(const stream_event& event, const json_value& data) {
  return fmt::format(
      R"({{"id":{},"event":{},"data":{}}})", to_json(json_value{event.id}),
      to_json(json_value{event.name}), to_json(data)
  );
}

void print_event(
    const command_context& context, const stream_event& event, const json_value& data
) {
  if (context.given.has("jsonl") || context.out.is_json()) {
    context.out.print(event_as_json(event, data));
    return;
  }
  const auto status = text_of(data, "status");
  if (status.empty()) {
    const bool is_paused = event.name == "pause";
    context.out.print(safe_text(fmt::format(
        "{}  {}  {}", text_of(data, "at"), text_of(data, "type"),
        is_paused ? pause_text(data, time_style::utc, command_context::now()) : "goes on"
    )));
    return;
  }
  const auto kind = text_of(data, "errorClass");
  context.out.print(
      safe_text(fmt::format("{}  {}  {:<10}", text_of(data, "at"), text_of(data, "jobId"), status))
      + safe_text(fmt::format(
          "  {:>3}% {:<11}  {}{}", count_of(data, "progress.percent"),
          text_of(data, "progress.stage"), text_of(data, "userId"), kind.empty() ? "" : "  " + kind
      ))
  );
}

/// Runs the user's command for an event, which it has as JSON at stdin; what matters most are
/// variables, so that nothing of others becomes a part of the command.
bool run_for_event(const std::string& command, const stream_event& event, const json_value& data) {
  const int code = run_program(
      {.words = {"/bin/sh", "-c", command},
       .input = event_as_json(event, data) + "\n",
       .variables =
           {{"STAYLER_EVENT_ID", event.id},
            {"STAYLER_JOB_ID", text_of(data, "jobId")},
            {"STAYLER_STATUS", text_of(data, "status")},
            {"STAYLER_USER_ID", text_of(data, "userId")}}}
  );
  return code == 0;
}

/// The jobs that are not done, of those that match.
class open_jobs {
 public:
  /// Asks for those that there are now.
  void renew(command_context& context, const job_filter& filter) {
    auto wanted = filter;
    wanted.error_class.clear();
    wanted.status = {"pending", "scheduled", "processing"};
    ids_.clear();
    const auto pages =
        read_job_pages(context, "/worker/jobs", wanted, std::numeric_limits<std::size_t>::max());
    for (const auto& job : pages.jobs) {
      ids_.insert(text_of(job, "id"));
    }
  }

  void take(const json_value& event) {
    const auto id = text_of(event, "jobId");
    const auto status = text_of(event, "status");
    if (!is_final_status(status)) {
      ids_.insert(id);
    } else if (ids_.erase(id) > 0 && status != "completed") {
      has_failed_ = true;
    }
  }

  [[nodiscard]] bool is_empty() const noexcept { return ids_.empty(); }
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }

 private:
  std::set<std::string> ids_;
  bool has_failed_ = false;
};

/// What `tail` does with the events that it is given.
class event_tail {
 public:
  event_tail(command_context& context, job_filter filter)
      : context_(context),
        filter_(std::move(filter)),
        most_(context.number("count", 0, 0, 1'000'000'000)),
        command_(context.given.value("exec").value_or("")),
        is_until_done_(context.given.has("until-done")) {}

  /// There is a connection, the first one or another.
  void begin() {
    has_begun_ = true;
    context_.out.note("following " + context_.api().how().url);
    if (is_until_done_) {
      open_.renew(context_, filter_);
    }
  }

  [[nodiscard]] bool goes_on() const {
    return !context_.out.has_lost_reader() && !(is_until_done_ && has_begun_ && open_.is_empty());
  }

  /// False: enough.
  bool take(const stream_event& event) {
    if (event.name == "gap") {
      context_.out.note("some events were missed: the service keeps the latest 32,768");
      if (is_until_done_) {
        open_.renew(context_, filter_);
      }
      return goes_on();
    }
    const auto data = adapters::parse_json(event.data);
    if (data && text_of(*data, "jobId").starts_with(filter_.id_prefix)) {
      open_.take(*data);
    }
    if (data && is_wanted_event(filter_, *data)) {
      show(event, *data);
    }
    return (most_ == 0 || shown_ < most_) && goes_on();
  }

  [[nodiscard]] int code() const {
    if (failed_commands_ > 0) {
      return static_cast<int>(exit_code::done_in_part);
    }
    return is_until_done_ && open_.has_failed() ? static_cast<int>(exit_code::job_failed) : 0;
  }

 private:
  void show(const stream_event& event, const json_value& data) {
    ++shown_;
    if (command_.empty()) {
      print_event(context_, event, data);
    } else if (!run_for_event(command_, event, data)) {
      ++failed_commands_;
      context_.out.note("the command has failed for event " + event.id);
    }
  }

  command_context& context_;
  job_filter filter_;
  long most_ = 0;
  long shown_ = 0;
  long failed_commands_ = 0;
  std::string command_;
  bool is_until_done_ = false;
  bool has_begun_ = false;
  open_jobs open_;
};

follow_options tail_options(command_context& context, const job_filter& filter) {
  job_filter asked;
  asked.type = filter.type;
  asked.user = filter.user;
  if (!context.given.has("until-done")) {
    asked.status = filter.status;  // else the end of each job is wanted, shown or not
  }
  const auto query = as_query(asked);
  follow_options options{.path = "/worker/events" + (query.empty() ? "" : "?" + query.substr(1))};
  options.after_id = context.given.value("from").value_or("");
  options.what_failed = "cannot follow the events";
  options.give_up_after = context.duration("give-up", std::chrono::minutes{1});
  options.on_lost = [&context](const std::string& why) {
    context.out.note("lost the connection (" + why + "); connecting again");
  };
  return options;
}

int run_tail(command_context& context) {
  const auto filter = stream_filter(context);
  auto options = tail_options(context, filter);
  event_tail tail{context, filter};
  std::string last_id = options.after_id;
  context.api().set_interruption_advice("");
  options.on_open = [&] { tail.begin(); };
  options.goes_on = [&] { return tail.goes_on(); };
  options.on_event = [&](const stream_event& event) {
    last_id = event.id;
    return tail.take(event);
  };
  try {
    follow_events(context.api(), options);
  } catch (command_error& error) {
    if (!last_id.empty()) {
      error.what_to_do += (error.what_to_do.empty() ? "" : "; ") + ("go on by --from " + last_id);
    }
    throw;
  }
  return tail.code();
}

}  // namespace

std::vector<command_spec> event_commands() {
  return {
      {.name = "tail",
       .summary = "follow the events of all jobs as they come",
       .description =
           "A connection that is lost is opened again where it was, so that nothing is missed. "
           "A command of --exec has the event at stdin as one line of JSON, and STAYLER_JOB_ID, "
           "STAYLER_STATUS, STAYLER_USER_ID and STAYLER_EVENT_ID; the next event waits for its "
           "end. "
           "Exit code 9 where one of them has failed.",
       .role = "viewer",
       .arguments = {filter_argument()},
       .flags =
           {{.names = "--jsonl", .value = "", .meaning = "one JSON document a line"},
            {.names = "--exec",
             .value = "COMMAND",
             .meaning = "run that by sh for each event, in place of showing it"},
            {.names = "--until-done",
             .value = "",
             .meaning = "end when no such job waits or runs any more; exit code 3 where one has "
                        "failed meanwhile"},
            {.names = "--from", .value = "ID", .meaning = "begin after that event"},
            {.names = "--count", .value = "N", .meaning = "end after so many events"},
            {.names = "--give-up",
             .value = "TIME",
             .meaning = "end with exit code 7 after so long without the service; usually 1m"}},
       .examples =
           {"stayler tail status:failed", "stayler tail user:ann --jsonl",
            "stayler tail status:failed --exec ./tell-me", "stayler tail user:ann --until-done"},
       .run = &run_tail},
  };
}

}  // namespace stayler::cli
