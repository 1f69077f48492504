// SPDX-License-Identifier: MIT
#include "app/cli/jobs/job_pages.hpp"

#include "adapters/json/json_writer.hpp"
#include "adapters/url/url.hpp"
#include "app/cli/filters/filter_flags.hpp"
#include "app/cli/jobs/job_texts.hpp"
#include "app/cli/live/live_view.hpp"
#include "app/cli/output/json_texts.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

namespace stayler::cli {

namespace {

constexpr std::size_t largest_page = 500;
constexpr long usual_limit = 50;

std::vector<std::string> default_columns(const command_context& context, bool is_wide) {
  if (!context.chosen().columns.empty() && !is_wide) {
    return context.chosen().columns;
  }
  if (is_wide) {
    return {"id",      "status", "type",  "user", "conversion", "priority",
            "created", "worker", "tries", "cost", "state"};
  }
  return {"id", "status", "user", "created", "tries", "state"};
}

std::vector<std::string> columns_of(const command_context& context) {
  std::vector<std::string> columns;
  const auto given = context.given.value("columns").value_or("");
  for (std::string_view rest = given; !rest.empty();) {
    columns.emplace_back(trim(take_until(rest, ",")));
  }
  return columns.empty()
             ? default_columns(context, context.given.value("output").value_or("") == "wide")
             : columns;
}

/// Field by field of each job: all of them in one text may be more than the JSON reader takes.
std::string as_document(const job_pages& pages, const std::vector<std::string>& fields) {
  adapters::json_writer json;
  json.begin_object().key("jobs").begin_array();
  for (const auto& job : pages.jobs) {
    json.raw(fields.empty() ? to_json(job) : to_json_with_fields(job, {}, fields));
  }
  json.end_array().key("nextCursor");
  pages.next_cursor.empty() ? json.null() : json.value(pages.next_cursor);
  json.end_object();
  return std::move(json).text();
}

void print_ids(const command_context& context, const std::vector<adapters::json_value>& jobs) {
  for (const auto& job : jobs) {
    context.out.print(text_of(job, "id"));
  }
}

std::string join(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) {
    line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

}  // namespace

job_pages read_job_pages(
    command_context& context, const std::string& path, const job_filter& filter, std::size_t most
) {
  job_pages pages;
  do {
    const auto wanted = std::min(most - pages.jobs.size(), largest_page);
    const auto cursor = pages.next_cursor.empty() ? "" : "&cursor=" + pages.next_cursor;
    const auto page = context.api().get(
        fmt::format("{}?limit={}{}{}", path, wanted, as_query(filter), cursor), "cannot list jobs"
    );
    for (const auto& job : list_of(page, "jobs")) {
      pages.jobs.push_back(job);
    }
    // A page may be short, and even empty, and still not be the last one.
    pages.next_cursor = text_of(page, "nextCursor");
  } while (!pages.next_cursor.empty() && pages.jobs.size() < most);
  return pages;
}

std::vector<flag_spec> job_list_flags() {
  auto flags = filter_flags();
  flags.push_back({.names = "--limit", .value = "N", .meaning = "so many at most; usually 50"});
  flags.push_back({.names = "--all", .value = "", .meaning = "all of them"});
  flags.push_back(
      {.names = "--watch", .value = "", .meaning = "draw the list anew each second; q ends it"}
  );
  flags.push_back(
      {.names = "-o, --output",
       .value = "FORM",
       .meaning = "a table, one with more columns, or ids alone, one a line",
       .choices = {"table", "wide", "id"},
       .completes = completion::choices}
  );
  flags.push_back(
      {.names = "--columns",
       .value = "LIST",
       .meaning = "these columns: id, status, type, user, conversion, priority, worker, class, "
                  "result, created, updated, tries, cost, state"}
  );
  return flags;
}

namespace {

/// The list on a screen that is drawn anew each second.
int watch_jobs(command_context& context, const std::string& path, const job_filter& filter) {
  if (!context.out.is_terminal() || context.out.is_json()) {
    refuse_usage(
        "cannot watch a list here", "stdout is no terminal, or JSON is wanted",
        "stayler tail FILTER... prints a line for each change"
    );
  }
  const auto columns = columns_of(context);
  // ncurses has colours of its own.
  auto plain = context.out.options();
  plain.has_colour = false;
  const console out{plain};
  const live_source source{
      .ask =
          [&](std::size_t lines) {
            const auto most = static_cast<long>(std::max<std::size_t>(lines, 3) - 2);
            const auto pages = read_job_pages(
                context, path, filter,
                static_cast<std::size_t>(context.number("limit", most, 1, 1'000'000))
            );
            return adapters::json_value{pages.jobs};
          },
      .render =
          [&](const adapters::json_value& jobs, const live_layout& layout) {
            std::vector<std::string> lines{layout.url + "  " + join(context.given.arguments), ""};
            const auto table = render_jobs(context, out, list_of(jobs, ""), columns);
            for (std::string_view rest = table; !rest.empty();) {
              lines.emplace_back(take_until(rest, "\n"));
            }
            return lines;
          }};
  try {
    if (!show_screens(context, source, 0)) {
      refuse_usage("cannot show a screen here", "the terminal (TERM) has none", "stayler tail");
    }
  } catch (const command_error& error) {
    if (error.code != exit_code::interrupted) {
      throw;
    }
  }
  return 0;  // Ctrl-C is how one leaves such a view
}

}  // namespace

int list_jobs(command_context& context, const std::string& path) {
  const auto filter = filter_of(context, context.given.arguments);
  if (context.given.has("watch")) {
    return watch_jobs(context, path, filter);
  }
  const auto columns = columns_of(context);
  const auto limit =
      context.given.has("all")
          ? std::numeric_limits<std::size_t>::max()
          : static_cast<std::size_t>(context.number("limit", usual_limit, 1, 1'000'000));
  const auto pages = read_job_pages(context, path, filter, limit);
  if (context.out.is_json()) {
    context.out.print(as_document(pages, context.out.options().json_fields));
  } else if (context.given.value("output").value_or("") == "id") {
    print_ids(context, pages.jobs);
  } else if (pages.jobs.empty()) {
    context.out.note(filter.is_empty() ? "there are none" : "none match");
  } else {
    context.out.print(render_jobs(context, context.out, pages.jobs, columns));
  }
  if (!pages.next_cursor.empty()) {
    context.out.note(fmt::format(
        "these are the newest {}; there are more: --limit N, or --all", pages.jobs.size()
    ));
  }
  return 0;
}

}  // namespace stayler::cli
